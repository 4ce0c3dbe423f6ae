/// kindred._core: the public C++ API as Python sees it. Everything for people (names, defaults, conversions,
/// docstrings) lies in the Python files of this package; this module only carries values across.
#include "python/src/module.hpp"

#include <kindred/error.hpp>
#include <kindred/version.hpp>

#include <string>

namespace nb = nanobind;

namespace {

/// The Python exception of an error's code, as kindred/_errors.py names it.
const char* exception_name(kindred::ErrorCode code) {
  switch (code) {
    case kindred::ErrorCode::invalid_argument:
      return "InvalidArgument";
    case kindred::ErrorCode::invalid_data:
      return "InvalidData";
    case kindred::ErrorCode::io:
      return "FileError";
    case kindred::ErrorCode::out_of_memory:
      return "OutOfMemory";
    case kindred::ErrorCode::cancelled:
      return "Cancelled";
    case kindred::ErrorCode::device:
      break;
  }
  return "DeviceError";
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const kindred::Error& error) {
    const nb::object type = nb::module_::import_("kindred._errors").attr(exception_name(error.code()));
    PyErr_SetString(type.ptr(), error.what());
  }
}

}  // namespace

NB_MODULE(_core, m) {
  m.doc() = "The C++ library kindred. Use the functions of the package kindred, which are made for people.";
  m.attr("version") = kindred::version();
  nb::register_exception_translator(translate);
  kindred::python::bind_metrics(m);
  kindred::python::bind_systems(m);
  kindred::python::bind_operators(m);
  kindred::python::bind_results(m);
  kindred::python::bind_engine(m);
  kindred::python::bind_prediction(m);
  kindred::python::bind_files(m);
  kindred::python::bind_statistics(m);
  kindred::python::bind_simulate(m);
  kindred::python::bind_testcase(m);
  kindred::python::bind_report(m);
}
