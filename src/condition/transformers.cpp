#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "tiercel/condition/transformer.h"

#include "base64.h"
#include "option_search.h"
#include "text_search.h"

namespace tiercel::condition {

namespace {

using base::Arena;
using base::Result;
using base::Value;
using base::ValueShape;
using base::ValueType;
using Shapes = std::span<const ValueShape>;

constexpr ValueShape kText{ValueType::kText, false};
constexpr ValueShape kTextList{ValueType::kText, true};

base::Error misfit(std::string message) { return {"bad_argument", std::move(message), ""}; }

// Shapes: what each transformer takes and gives.

Result<ValueShape> shape_of_text_change(Shapes arguments) {
  if (arguments.size() != 1) {
    return misfit("this transformer takes exactly one argument");
  }
  if (arguments.front().type != ValueType::kText) {
    return misfit("this transformer takes a text or a list of texts");
  }
  return arguments.front();
}

Result<ValueShape> shape_of_len(Shapes arguments) {
  if (arguments.size() != 1) {
    return misfit("`len` takes exactly one argument");
  }
  if (arguments.front().type != ValueType::kText) {
    return misfit("`len` takes a text or a list");
  }
  return ValueShape{ValueType::kUnsigned, false};
}

Result<ValueShape> shape_of_join(Shapes arguments) {
  if (arguments.size() != 2) {
    return misfit("`join` takes a separator and a list");
  }
  if (arguments[0] != kText) {
    return misfit("the first argument of `join`, the separator, must be a text");
  }
  if (arguments[1] != kTextList) {
    return misfit("the second argument of `join` must be a list field or a list in parentheses");
  }
  return kText;
}

Result<ValueShape> shape_of_concat(Shapes arguments) {
  if (arguments.size() < 2) {
    return misfit("`concat` takes two or more arguments");
  }
  if (!std::all_of(arguments.begin(), arguments.end(),
                   [](ValueShape shape) { return shape == kText; })) {
    return misfit("`concat` takes texts; for a list use `join`");
  }
  return kText;
}

Result<ValueShape> check_getopt(Shapes arguments, ValueShape result) {
  if (arguments.size() != 2 || arguments[0] != kTextList || arguments[1] != kText) {
    return misfit("`getopt` takes a list of arguments and a text of option letters");
  }
  return result;
}

Result<ValueShape> shape_of_getopt(Shapes arguments) { return check_getopt(arguments, kTextList); }

Result<ValueShape> shape_of_getopt_value(Shapes arguments) {
  return check_getopt(arguments, kText);
}

// Meanings.

// Applies `change` (text and arena to an optional text) to a text or to each element.
// DIFFERS FROM FALCO: elements of a list come out whole; Falco leaves a NUL at the end
// of each, so that no comparison with them is ever true.
template <class Change>
Value each(const TransformerInput& input, Arena& arena, Change change) {
  const Value& value = input.arguments.front();
  if (value.is_text()) {
    const std::optional<std::string_view> changed = change(value.as_text(), arena);
    return changed ? Value::text(*changed) : Value::absent();
  }
  if (!value.is_list()) {
    return Value::absent();
  }
  const auto elements = value.as_list();
  auto* const out = reinterpret_cast<std::string_view*>(arena.allocate(elements.size_bytes()));
  for (std::size_t at = 0; at < elements.size(); ++at) {
    const std::optional<std::string_view> changed = change(elements[at], arena);
    if (!changed) {
      return Value::absent();
    }
    std::construct_at(out + at, *changed);
  }
  return Value::list({out, elements.size()});
}

// Of the eight bytes in `word`, the top bit of each that lies between the two letters.
constexpr std::uint64_t bytes_between(std::uint64_t word, char first, char last) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  const std::uint64_t low = word & kEach * 0x7F;
  const std::uint64_t from = low + kEach * (0x80U - static_cast<unsigned char>(first));
  const std::uint64_t beyond = low + kEach * (0x7FU - static_cast<unsigned char>(last));
  return from & ~beyond & ~word & kEach * 0x80;
}

// The text with the letters from `first` to `last` in the other case; the text itself where it
// has none. Whole request objects are lowered here, so eight bytes are looked at together.
std::string_view with_other_case(std::string_view text, Arena& arena, char first, char last) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  // The last ones may be fewer. Their number is a constant elsewhere: then this is one load.
  const auto word_at = [text](std::size_t at) {
    std::uint64_t word = 0;
    if (text.size() - at >= kWord) {
      std::memcpy(&word, text.data() + at, kWord);
    } else {
      std::memcpy(&word, text.data() + at, text.size() - at);
    }
    return word;
  };
  std::size_t at = 0;
  while (at < text.size() && bytes_between(word_at(at), first, last) == 0) {
    at += kWord;
  }
  if (at >= text.size()) {
    return text;
  }
  char* const out = arena.allocate_text(text.size());
  std::memcpy(out, text.data(), at);
  for (; at < text.size(); at += kWord) {
    std::uint64_t word = word_at(at);
    word ^= bytes_between(word, first, last) >> 2U;  // 0x20 tells the cases apart
    if (text.size() - at >= kWord) {
      std::memcpy(out + at, &word, kWord);
    } else {
      std::memcpy(out + at, &word, text.size() - at);
    }
  }
  return {out, text.size()};
}

Value apply_tolower(const TransformerInput& input, Arena& arena) {
  return each(input, arena, [](std::string_view text, Arena& memory) {
    return std::optional(with_other_case(text, memory, 'A', 'Z'));
  });
}

Value apply_toupper(const TransformerInput& input, Arena& arena) {
  return each(input, arena, [](std::string_view text, Arena& memory) {
    return std::optional(with_other_case(text, memory, 'a', 'z'));
  });
}

Value apply_b64(const TransformerInput& input, Arena& arena) {
  return each(input, arena, decode_base64);
}

Value apply_basename(const TransformerInput& input, Arena& arena) {
  return each(input, arena, [](std::string_view text, Arena& /*memory*/) {
    return std::optional(text.substr(text.rfind('/') + 1));  // npos + 1 is 0
  });
}

Value apply_len(const TransformerInput& input, Arena& /*arena*/) {
  const Value& value = input.arguments.front();
  if (value.is_text()) {
    return Value::number(value.as_text().size());
  }
  return value.is_list() ? Value::number(value.as_list().size()) : Value::absent();
}

Value join_texts(std::span<const std::string_view> parts, std::string_view separator,
                 Arena& arena) {
  std::size_t size = parts.empty() ? 0 : separator.size() * (parts.size() - 1);
  for (const std::string_view part : parts) {
    size += part.size();
  }
  char* const out = arena.allocate_text(size);
  char* end = out;
  for (std::size_t at = 0; at < parts.size(); ++at) {
    if (at != 0) {
      end = std::copy(separator.begin(), separator.end(), end);
    }
    end = std::copy(parts[at].begin(), parts[at].end(), end);
  }
  return Value::text({out, size});
}

// DIFFERS FROM FALCO: every element of a parenthesised list comes out as it is; Falco
// spoils all but the last.
Value apply_join(const TransformerInput& input, Arena& arena) {
  if (input.arguments.size() != 2 || !input.arguments[0].is_text() ||
      !input.arguments[1].is_list()) {
    return Value::absent();
  }
  return join_texts(input.arguments[1].as_list(), input.arguments[0].as_text(), arena);
}

Value apply_concat(const TransformerInput& input, Arena& arena) {
  std::size_t size = 0;
  for (const Value& value : input.arguments) {
    if (!value.is_text()) {
      return Value::absent();
    }
    size += value.as_text().size();
  }
  char* const out = arena.allocate_text(size);
  char* end = out;
  for (const Value& value : input.arguments) {
    end = std::copy(value.as_text().begin(), value.as_text().end(), end);
  }
  return Value::text({out, size});
}

bool is_getopt_input(const TransformerInput& input) {
  return input.arguments.size() == 2 && input.arguments[0].is_list() &&
         input.arguments[1].is_text();
}

Value apply_getopt(const TransformerInput& input, Arena& arena) {
  if (!is_getopt_input(input)) {
    return Value::absent();
  }
  std::vector<std::string_view> letters;
  const std::string_view known = input.arguments[1].as_text();
  for (const FoundOption& option : find_options(input.arguments[0].as_list(), known)) {
    const std::string_view letter = known.substr(known.find(option.letter), 1);
    if (std::find(letters.begin(), letters.end(), letter) == letters.end()) {
      letters.push_back(letter);
    }
  }
  return Value::list(arena.copy(letters));
}

Value apply_getopt_value(const TransformerInput& input, Arena& /*arena*/) {
  if (!is_getopt_input(input) || input.option.size() != 1) {
    return Value::absent();
  }
  const std::string_view known = input.arguments[1].as_text();
  for (const FoundOption& option : find_options(input.arguments[0].as_list(), known)) {
    if (option.letter == input.option.front()) {
      return Value::text(option.value);
    }
  }
  return Value::absent();
}

constexpr std::array kTransformers{
    Transformer{.name = "tolower",
                .since = "0.38",
                .doc = "The text with ASCII letters in lower case; of a list, each element.",
                .shape = &shape_of_text_change,
                .apply = &apply_tolower},
    Transformer{.name = "toupper",
                .since = "0.38",
                .doc = "The text with ASCII letters in upper case; of a list, each element.",
                .shape = &shape_of_text_change,
                .apply = &apply_toupper},
    Transformer{.name = "b64",
                .since = "0.38",
                .doc = "The text decoded from base64; absent when it is none. Padding may be "
                       "missing.",
                .shape = &shape_of_text_change,
                .apply = &apply_b64},
    Transformer{.name = "basename",
                .since = "0.39",
                .doc = "What follows the last `/`; may be empty.",
                .shape = &shape_of_text_change,
                .apply = &apply_basename},
    Transformer{.name = "len",
                .since = "0.40",
                .doc = "The bytes of a text or the elements of a list, as a number. Absent, not 0, "
                       "for an absent field.",
                .shape = &shape_of_len,
                .apply = &apply_len},
    Transformer{.name = "join",
                .min_arguments = 2,
                .max_arguments = 2,
                .since = "0.44",
                .doc = "The elements of a list field or of a list in parentheses, with the first "
                       "argument between them.",
                .shape = &shape_of_join,
                .apply = &apply_join},
    Transformer{.name = "concat",
                .min_arguments = 2,
                .max_arguments = 255,
                .since = "0.44",
                .doc = "The texts one after another.",
                .shape = &shape_of_concat,
                .apply = &apply_concat},
    Transformer{.name = "getopt",
                .min_arguments = 2,
                .max_arguments = 2,
                .since = "0.44",
                .doc = "The option letters found in a list of command-line arguments, as a list.",
                .shape = &shape_of_getopt,
                .apply = &apply_getopt},
    Transformer{.name = "getopt",
                .min_arguments = 2,
                .max_arguments = 2,
                .takes_option = true,
                .since = "0.44",
                .doc = "The value of one command-line option, empty for one that takes none; "
                       "absent when it is not given.",
                .shape = &shape_of_getopt_value,
                .apply = &apply_getopt_value},
};

const Transformer* find(std::string_view name, bool takes_option) {
  const auto* const found =
      std::find_if(kTransformers.begin(), kTransformers.end(), [&](const Transformer& transformer) {
        return transformer.name == name && transformer.takes_option == takes_option;
      });
  return found == kTransformers.end() ? nullptr : found;
}

}  // namespace

std::span<const Transformer> transformers() { return kTransformers; }

const Transformer* find_transformer(std::string_view name) { return find(name, false); }

const Transformer* find_transformer_with_option(std::string_view name) { return find(name, true); }

}  // namespace tiercel::condition
