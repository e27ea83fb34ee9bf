#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tiercel/base/arena.h"
#include "tiercel/base/error.h"
#include "tiercel/base/value.h"

namespace tiercel::condition {

/// The arguments of a transformer at run time. A parenthesised list is one list
/// value; constants are texts, numbers among them included.
struct TransformerInput {
  std::span<const base::Value> arguments;
  std::string_view option;  ///< getopt's [option]
};

/// One row: a function over values, usable left and right of an operator, nested,
/// and in output templates.
struct Transformer {
  std::string_view name;
  std::uint8_t min_arguments = 1;
  std::uint8_t max_arguments = 1;
  /// The form with an [option], which the parser chooses where one is written; the
  /// row of the same name without it comes first.
  bool takes_option = false;
  std::string_view since;
  std::string_view doc;
  /// The shape of the result for arguments of these shapes, or why they (or their
  /// number) do not fit. A parenthesised list counts as one list-of-text argument.
  base::Result<base::ValueShape> (*shape)(std::span<const base::ValueShape> arguments) = nullptr;
  /// Absent in, absent out: any absent argument makes the result absent.
  base::Value (*apply)(const TransformerInput& input, base::Arena& arena) = nullptr;
};

[[nodiscard]] std::span<const Transformer> transformers();
/// The row without an option.
[[nodiscard]] const Transformer* find_transformer(std::string_view name);
/// The row that takes an [option]; null for most names.
[[nodiscard]] const Transformer* find_transformer_with_option(std::string_view name);

}  // namespace tiercel::condition
