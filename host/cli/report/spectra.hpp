#pragma once
#include <kindred/dmd.hpp>

#include <string>
#include <vector>

namespace kindred::report {

/// The eigenvalues of one system's operator.
struct SystemSpectrum {
  std::string name;
  std::vector<Eigenvalue> values;
};

/// HTML: the eigenvalues of all systems over each other in the complex plane, coloured by residual, and what the
/// picture shows. The circle is where modes neither grow nor decay; of `generators` (Dmd::dt) it is the imaginary axis.
/// Empty if there are no eigenvalues.
[[nodiscard]] std::string spectra(const std::vector<SystemSpectrum>& systems, bool generators);

}  // namespace kindred::report
