#include "host/backend/cuda/parts.hpp"

#include "host/backend/cuda/devices.hpp"

namespace kindred::host::cuda {

const Parts parts{&devices, &absence, &make_backend};

}  // namespace kindred::host::cuda
