#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tiercel/base/units.h"
#include "tiercel/config/node.h"
#include "tiercel/config/reporter.h"

namespace tiercel::config {

/// A map of texts that keeps its order.
using TextPairs = std::vector<std::pair<std::string, std::string>>;

/// One of several words, each standing for an enumerator.
struct Choice {
  std::vector<std::string> names;  ///< what may be written; the first of equals is printed
  bool any_case = false;
  std::function<std::size_t()> get;      ///< index of the present value's name
  std::function<void(std::size_t)> set;  ///< REQUIRES: less than names.size()
};

/// A value with a reader of its own.
struct Custom {
  std::string type;                                  ///< for tables: "list of maps"
  std::string json_schema;                           ///< one JSON object
  std::function<void(const Node&, Reporter&)> read;  ///< not called for an empty node
  std::function<std::string()> print;                ///< one line of JSON
};

/// The variable that an option reads into. Its default is what stands there before.
using Target =
    std::variant<bool*, std::uint32_t*, std::string*, base::ByteSize*, std::chrono::milliseconds*,
                 std::vector<std::string>*, TextPairs*, Choice, Custom>;

enum class Stability : std::uint8_t { kStable, kExperimental, kDeprecated };

/// One documented option: everything there is to say about it in one row. From it
/// follow reading, the reference, the JSON schema, the tables and the listing of
/// effective values.
class Option {
 public:
  Option(std::string path, Target target, std::string sentence)
      : path_(std::move(path)), target_(std::move(target)), sentence_(std::move(sentence)) {}

  /// Bounds, both allowed; in bytes for sizes and milliseconds for durations.
  Option& between(std::uint64_t low, std::uint64_t high) {
    low_ = low;
    high_ = high;
    return *this;
  }
  Option& between(base::ByteSize low, base::ByteSize high) {
    return between(low.bytes, high.bytes);
  }
  Option& between(std::chrono::milliseconds low, std::chrono::milliseconds high) {
    return between(static_cast<std::uint64_t>(low.count()),
                   static_cast<std::uint64_t>(high.count()));
  }
  /// Takes effect at a reload; without it a restart is needed.
  Option& live() { return set(is_live_, true); }
  /// Never printed, neither in listings nor in messages.
  Option& secret() { return set(is_secret_, true); }
  /// The text is the name of a file, or of a folder of them, that is read once: with other contents
  /// it is another setting. Not for what is read again in time, as tokens are for each request.
  Option& file() { return set(is_file_, true); }
  Option& experimental() { return set(stability_, Stability::kExperimental); }
  /// Still works; `instead` is the key to write.
  Option& deprecated(std::string instead) {
    instead_ = std::move(instead);
    return set(stability_, Stability::kDeprecated);
  }
  /// A bare number is taken as milliseconds, as falco.yaml writes it.
  Option& bare_milliseconds() { return set(bare_milliseconds_, true); }
  Option& example(std::string yaml) { return set(example_, std::move(yaml)); }
  /// What the reference file holds instead of the default, so that it can be started with.
  Option& in_reference(std::string yaml) { return set(in_reference_, std::move(yaml)); }
  /// A list of one is printed as a text.
  Option& mostly_one() { return set(mostly_one_, true); }
  /// Returns what is wrong with a text (each text of a list), or nothing.
  Option& check(std::function<std::string(std::string_view)> complaint) {
    return set(complaint_, std::move(complaint));
  }
  /// The same for each name of a map.
  Option& check_names(std::function<std::string(std::string_view)> complaint) {
    return set(key_complaint_, std::move(complaint));
  }

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string_view section() const;
  [[nodiscard]] std::string_view name() const;
  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] const std::string& sentence() const { return sentence_; }
  [[nodiscard]] std::optional<std::uint64_t> low() const { return low_; }
  [[nodiscard]] std::optional<std::uint64_t> high() const { return high_; }
  [[nodiscard]] bool is_live() const { return is_live_; }
  [[nodiscard]] bool is_secret() const { return is_secret_; }
  [[nodiscard]] bool is_file() const { return is_file_; }
  [[nodiscard]] Stability stability() const { return stability_; }
  [[nodiscard]] const std::string& instead() const { return instead_; }
  [[nodiscard]] const std::string& example() const { return example_; }
  [[nodiscard]] const std::string& in_reference() const { return in_reference_; }

  /// Reads `node` into the target, or reports why not and leaves the target alone.
  /// False where nothing was taken.
  bool read(const Node& node, Reporter& reporter) const;
  /// The target's present value as one line of YAML.
  [[nodiscard]] std::string value_text() const;
  /// The same as JSON.
  [[nodiscard]] std::string value_json() const;
  /// "boolean", "size", "duration", …
  [[nodiscard]] std::string type_text() const;
  /// A bound in the option's unit: "16MiB", "30s", "65535".
  [[nodiscard]] std::string bound_text(std::uint64_t bound) const;

 private:
  template <class T>
  Option& set(T& member, T value) {
    member = std::move(value);
    return *this;
  }
  bool complain(Code code, const Node& node, const std::string& message, Reporter& reporter) const;
  bool within_bounds(std::uint64_t value, const Node& node, Reporter& reporter) const;
  bool read_scalar(const Node& node, Reporter& reporter) const;
  bool read_number(const Node& node, Reporter& reporter) const;
  bool read_duration(const Node& node, Reporter& reporter) const;
  bool read_choice(const Choice& choice, const Node& node, Reporter& reporter) const;
  bool read_texts(const Node& node, Reporter& reporter) const;
  bool read_pairs(const Node& node, Reporter& reporter) const;
  bool passes_check(const Node& node, Reporter& reporter) const;

  std::string path_;
  Target target_;
  std::string sentence_;
  std::optional<std::uint64_t> low_;
  std::optional<std::uint64_t> high_;
  std::string example_;
  std::string in_reference_;
  std::string instead_;
  std::function<std::string(std::string_view)> complaint_;
  std::function<std::string(std::string_view)> key_complaint_;
  Stability stability_ = Stability::kStable;
  bool is_live_ = false;
  bool is_secret_ = false;
  bool is_file_ = false;
  bool bare_milliseconds_ = false;
  bool mostly_one_ = false;
};

/// All options, in the order of the documentation. It points into the structs it was
/// made from, which must outlive it: make one for each struct to be read or printed.
class Schema {
 public:
  Option& add(std::string path, Target target, std::string sentence) {
    Option& option = options_.emplace_back(std::move(path), std::move(target), std::move(sentence));
    return are_live_ ? option.live() : option;
  }
  /// Options added from now on take effect at a reload, or not any more.
  void set_live(bool are_live) { are_live_ = are_live; }
  /// Names a section and says in a sentence what it is for. "" is the top level.
  void describe_section(const std::string& path, std::string sentence) {
    sections_[path] = std::move(sentence);
  }

  [[nodiscard]] const std::deque<Option>& options() const { return options_; }
  [[nodiscard]] const Option* find(std::string_view path) const;
  [[nodiscard]] bool is_section(std::string_view path) const;
  [[nodiscard]] std::string section_sentence(std::string_view path) const;

 private:
  std::deque<Option> options_;  // a deque, so that references from add() stay
  std::map<std::string, std::string, std::less<>> sections_;
  bool are_live_ = false;
};

template <class E>
struct NamedValue {
  std::string_view name;
  E value;
};

/// Binds the members of one struct to options of one section:
/// `s.option("max_event", &Limits::max_event, "Largest event.").between(64_KiB, 256_MiB);`
template <class T>
class Section {
 public:
  Section(Schema& schema, std::string path, T& values)
      : schema_(schema), path_(std::move(path)), values_(values) {}
  Section(Schema& schema, std::string path, T& values, std::string sentence)
      : Section(schema, std::move(path), values) {
    schema_.describe_section(path_, std::move(sentence));
  }

  /// `B` is T or a base of it.
  template <class M, class B>
  Option& option(std::string_view name, M B::*member, std::string_view sentence) {
    return schema_.add(full(name), Target(&(values_.*member)), std::string(sentence));
  }

  template <class E>
  Option& choice(std::string_view name, E T::*member, std::vector<NamedValue<E>> values,
                 std::string_view sentence) {
    return add_choice(name, member, std::move(values), sentence, false);
  }
  /// The same, where letters may be upper or lower case.
  template <class E>
  Option& choice_any_case(std::string_view name, E T::*member, std::vector<NamedValue<E>> values,
                          std::string_view sentence) {
    return add_choice(name, member, std::move(values), sentence, true);
  }

  Option& custom(std::string_view name, Custom custom, std::string_view sentence) {
    return schema_.add(full(name), Target(std::move(custom)), std::string(sentence));
  }

  [[nodiscard]] T& values() { return values_; }
  [[nodiscard]] Schema& schema() { return schema_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  [[nodiscard]] std::string full(std::string_view name) const {
    return path_.empty() ? std::string(name) : path_ + "." + std::string(name);
  }
  template <class E>
  Option& add_choice(std::string_view name, E T::*member, std::vector<NamedValue<E>> values,
                     std::string_view sentence, bool any_case) {
    Choice choice;
    choice.any_case = any_case;
    for (const NamedValue<E>& value : values) {
      choice.names.emplace_back(value.name);
    }
    E* const target = &(values_.*member);
    choice.set = [target, values](std::size_t index) { *target = values[index].value; };
    choice.get = [target, values = std::move(values)] {
      std::size_t index = 0;
      while (index + 1 < values.size() && values[index].value != *target) {
        ++index;
      }
      return index;
    };
    return schema_.add(full(name), Target(std::move(choice)), std::string(sentence));
  }

  Schema& schema_;
  std::string path_;
  T& values_;
};

}  // namespace tiercel::config
