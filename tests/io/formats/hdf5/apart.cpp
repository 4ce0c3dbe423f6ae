/// The process in which the HDF5 library works, and what is left to the program when it ends in a bad way.
#ifdef KINDRED_HAVE_HDF5
#include <kindred/error.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <new>

#include <sys/resource.h>
#include <unistd.h>

#include "host/io/formats/hdf5/apart.hpp"

using namespace kindred;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

/// The error of work that must fail, as "code: text".
std::string error_of(const std::function<void()>& work) {
  try {
    io::hdf5::apart("x.h5", 100, work);
  } catch (const Error& error) {
    return (error.code() == ErrorCode::io ? "io: " : "other: ") + std::string(error.what());
  }
  return "no error";
}

}  // namespace

TEST_CASE("hdf5 apart: only what is written to shared bytes is seen here", "[io][hdf5]") {
  const auto shared = io::hdf5::shared_bytes(1000);
  CHECK(std::all_of(shared.get(), shared.get() + 1000, [](std::byte b) { return b == std::byte{0}; }));
  int own = 1;
  pid_t process = 0;
  io::hdf5::apart("x.h5", 1000, [&] {
    own = 2;
    shared[999] = std::byte{7};
    process = ::getpid();
    std::copy_n(reinterpret_cast<const std::byte*>(&process), sizeof process, shared.get());
  });
  CHECK(own == 1);
  CHECK(shared[999] == std::byte{7});
  std::copy_n(shared.get(), sizeof process, reinterpret_cast<std::byte*>(&process));
  CHECK(process > 0);
  CHECK(process != ::getpid());
}

TEST_CASE("hdf5 apart: an error of the work is thrown here", "[io][hdf5]") {
  CHECK(error_of([] { throw Error(ErrorCode::io, "x.h5:a: is cut off"); }) == "io: x.h5:a: is cut off");
  CHECK(error_of([] { throw Error(ErrorCode::invalid_data, "x.h5:a: holds NaN"); }) == "other: x.h5:a: holds NaN");
  CHECK_THROWS_AS(io::hdf5::apart("x.h5", 100, [] { throw std::bad_alloc(); }), std::bad_alloc);
  CHECK(error_of([] { throw 1; }) == "io: x.h5: damaged: the HDF5 library fails on it");
}

TEST_CASE("hdf5 apart: a library that crashes ends its own process alone", "[io][hdf5]") {
  CHECK_THAT(error_of([] { std::abort(); }), StartsWith("io: x.h5: damaged") && EndsWith("(signal 6)"));
  CHECK_THAT(error_of([] { (void)std::raise(SIGSEGV); }), StartsWith("io: x.h5: damaged") && EndsWith("(signal 11)"));
  CHECK(error_of([] { ::_exit(0); }) == "io: x.h5: damaged: the HDF5 library fails on it");
}

TEST_CASE("hdf5 apart: a library that goes round in circles is ended", "[io][hdf5]") {
  const std::string error = error_of([] {
    const rlimit second{1, 2};  // in place of the minute that it has
    ::setrlimit(RLIMIT_CPU, &second);
    for (volatile bool on = true; on;) {
    }
  });
  CHECK_THAT(error, StartsWith("io: x.h5: damaged, or too large") && Contains("does not come to an end"));
}
#endif
