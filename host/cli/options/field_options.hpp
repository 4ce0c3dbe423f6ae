#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kindred::cli {

/// A field of the metrics (kindred/metric_fields.hpp) as an option of the command line. Metrics share an option for
/// fields of one name.
struct FieldOption {
  enum class Kind { flag, whole, real, word, rank };

  std::string field;                ///< "zero_pad"
  std::string option;               ///< "--zero-pad"
  std::vector<std::string> owners;  ///< structs that have it: "Dsa"
  std::string help, group;
  std::string initial;  ///< the default, as help shows it
  Kind kind = Kind::word;
  std::vector<std::string> words;  ///< of all owners, if the kind is word
  double least = 0, most = 0;      ///< bounds of a number; infinite if it has none
};

/// All fields that have an option, the fields of Dmd among them. The others (Cka::estimator, ...) follow from the
/// metric's name.
[[nodiscard]] const std::vector<FieldOption>& field_options();

/// The entry of a field, which must have one.
[[nodiscard]] const FieldOption& field_option(std::string_view field);

/// Whether the field is false where its flag is given: --no-normalize is Dsa::unit_norm = false.
[[nodiscard]] bool is_inverted(const FieldOption& option);

/// A message of the library, which names fields ("Dsa::zero_pad", "LoadOptions::npz = trials"), in the words of the
/// command line ("--zero-pad", "--npz trials").
[[nodiscard]] std::string in_options(std::string message);

}  // namespace kindred::cli
