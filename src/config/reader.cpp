#include "tiercel/config/reader.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tiercel/base/nearest.h"

#include "falco_keys.h"
#include "scalar.h"

namespace tiercel::config {

namespace {

class OptionReader {
 public:
  OptionReader(const Document& document, const Schema& schema, Reporter& reporter)
      : document_(document), schema_(schema), reporter_(reporter) {}

  [[nodiscard]] Origins read() {
    read_map(document_.root, "", nullptr);
    return std::move(origins_);
  }

 private:
  // Reads the members of the map at `path`. `ignored` is the row whose subtree this is.
  // NOLINTNEXTLINE(misc-no-recursion): depth is bounded by kMaxDepth
  void read_map(const Node& map, const std::string& path, const FalcoKey* ignored) {
    for (const Member& member : map.members) {
      if (reporter_.is_full()) {
        return;
      }
      read_member(member, path.empty() ? member.key : path + "." + member.key, ignored);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): depth is bounded by kMaxDepth
  void read_member(const Member& member, const std::string& path, const FalcoKey* ignored) {
    if (member.key.find('.') != std::string::npos) {
      unknown(member, path);  // no key of ours holds a dot, so this is no path
      return;
    }
    if (const Option* const option = schema_.find(path)) {
      read_option(*option, member);
      return;
    }
    const FalcoKey* const row = find_falco_key(path);
    if (row != nullptr) {
      treat(*row, member, ignored);
    }
    if (!schema_.is_section(path) && !is_above_falco_key(path)) {
      if (row == nullptr && ignored == nullptr) {
        unknown(member, path);
      }
      return;
    }
    if (member.value.is_map()) {
      read_map(member.value, path, row != nullptr ? row : ignored);
    } else if (!member.value.is_null() && row == nullptr && ignored == nullptr) {
      reporter_.error(
          Code::kWrongType, member.value.place,
          "'" + path + "' is a map of options, not " + std::string(kind_text(member.value)));
    }
  }

  void read_option(const Option& option, const Member& member) {
    if (option.stability() == Stability::kDeprecated) {
      reporter_.warning(Code::kDeprecatedKey, member.place,
                        "'" + option.path() + "' is an old name; write '" + option.instead() + "'");
    }
    if (option.read(member.value, reporter_)) {
      origins_[option.path()] = {document_.sources.locate(member.value.place)};
    }
  }

  void treat(const FalcoKey& row, const Member& member, const FalcoKey* ignored) {
    const Node& value = member.value;
    const bool is_true = value.is_scalar() && parse_boolean(value.text).value_or(false);
    switch (row.treatment) {
      case Treatment::kNoEffect:
        if (ignored == nullptr) {
          reporter_.ignore(std::string(row.path), member.place, row.hint);
        }
        break;
      case Treatment::kSilent:
        break;
      case Treatment::kRefused:
        refuse(Code::kRefusedKey, row, member);
        break;
      case Treatment::kRefusedWhenSet:
        if (!value.is_null() && !(value.is_scalar() && value.text.empty())) {
          refuse(Code::kRefusedKey, row, member);
        }
        break;
      case Treatment::kRefusedReplay:
        if (value.is_scalar() && value.text == "replay") {
          refuse(Code::kRefusedKey, row, member);
        }
        break;
      case Treatment::kNotYetWhenTrue:
        check_boolean(row, value);
        if (is_true) {
          refuse(Code::kNotThereYet, row, member);
        }
        break;
      case Treatment::kNoEffectWhenTrue:
        check_boolean(row, value);
        if (is_true) {
          reporter_.warning(Code::kIgnoredKeys, member.place,
                            "'" + std::string(row.path) + "' has no effect here",
                            {std::string(row.hint)});
        }
        break;
    }
  }

  void check_boolean(const FalcoKey& row, const Node& value) {
    (void)take_boolean(value, "'" + std::string(row.path) + "'", reporter_);
  }

  void refuse(Code code, const FalcoKey& row, const Member& member) {
    reporter_.error(code, member.place,
                    "'" + std::string(row.path) +
                        (code == Code::kNotThereYet ? "': this output does not exist yet"
                                                    : "' cannot be honoured"),
                    {std::string(row.hint)});
  }

  void unknown(const Member& member, const std::string& path) {
    const std::size_t dot = path.size() - member.key.size();
    const std::string_view parent = dot == 0 ? "" : std::string_view(path).substr(0, dot - 1);
    const std::vector<std::string_view> known = names_below(parent);
    Reporter::Notes notes;
    std::string_view near = base::nearest_name(member.key, known);
    if (near.empty()) {
      // "url" for "webhook_url".
      const auto longer =
          std::find_if(known.begin(), known.end(), [&member](std::string_view name) {
            return name.ends_with("_" + member.key) || name.starts_with(member.key + "_");
          });
      near = longer == known.end() ? near : *longer;
    }
    if (!near.empty()) {
      notes.push_back("did you mean '" + std::string(near) + "'?");
    }
    reporter_.error(Code::kUnknownKey, member.place, "there is no option '" + path + "'",
                    std::move(notes));
  }

  // The names of options and sections directly below `parent`.
  [[nodiscard]] std::vector<std::string_view> names_below(std::string_view parent) const {
    std::vector<std::string_view> names;
    const auto add = [&names, parent](std::string_view path) {
      if (!parent.empty()) {
        if (!path.starts_with(parent) || path.size() <= parent.size() ||
            path[parent.size()] != '.') {
          return;
        }
        path.remove_prefix(parent.size() + 1);
      }
      names.push_back(path.substr(0, path.find('.')));
    };
    for (const Option& option : schema_.options()) {
      add(option.path());
    }
    for (const FalcoKey& key : falco_keys()) {
      add(key.path);
    }
    return names;
  }

  const Document& document_;
  const Schema& schema_;
  Reporter& reporter_;
  Origins origins_;
};

}  // namespace

Origins read_options(const Document& document, const Schema& schema, Reporter& reporter) {
  return OptionReader(document, schema, reporter).read();
}

}  // namespace tiercel::config
