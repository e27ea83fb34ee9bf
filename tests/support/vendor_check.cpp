#include "vendor_check.h"

#include <algorithm>
#include <regex>
#include <set>

namespace tiercel::support {

namespace {

// nlohmann takes the last of two members of one name; here that is a mistake.
class Duplicates {
 public:
  bool operator()(int /*depth*/, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    using Event = nlohmann::json::parse_event_t;
    if (event == Event::object_start) {
      names_.emplace_back();
    } else if (event == Event::object_end) {
      names_.pop_back();
    } else if (event == Event::key && !names_.back().insert(value.get<std::string>()).second) {
      found = value.get<std::string>();
    }
    return true;
  }
  std::string found;

 private:
  std::vector<std::set<std::string>> names_;
};

}  // namespace

std::string joined(const Complaints& complaints) {
  std::string all;
  for (const std::string& one : complaints) {
    all += (all.empty() ? "" : "; ") + one;
  }
  return all;
}

nlohmann::json at(const nlohmann::json& object, const std::string& name) {
  return object.is_object() && object.contains(name) ? object[name] : nlohmann::json(nullptr);
}

std::string text_at(const nlohmann::json& object, const std::string& name) {
  const nlohmann::json value = at(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

nlohmann::json list_at(const nlohmann::json& object, const std::string& name) {
  const nlohmann::json value = at(object, name);
  return value.is_array() ? value : nlohmann::json::array();
}

nlohmann::json object_at(const nlohmann::json& object, const std::string& name) {
  const nlohmann::json value = at(object, name);
  return value.is_object() ? value : nlohmann::json::object();
}

std::size_t utf16_units(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    units += (byte & 0xC0U) == 0x80U ? 0 : byte >= 0xF0U ? 2 : 1;
  }
  return units;
}

bool is_rfc3339(const std::string& text) {
  static const std::regex kTime(
      R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d{1,9})?(Z|[+-]\d\d:\d\d))");
  return std::regex_match(text, kTime);
}

bool is_label_name(const std::string& text) {
  static const std::regex kName("[a-zA-Z_][a-zA-Z0-9_]*");
  return std::regex_match(text, kName);
}

void VendorCheck::posted(std::string_view content_type) {
  expect(request_.method == "POST", "the method is " + request_.method);
  const std::string type = request_.header("content-type");
  expect(type.substr(0, type.find(';')) == content_type, "Content-Type is " + type);
}

void VendorCheck::posted(std::string_view path, std::string_view content_type) {
  posted(content_type);
  expect(request_.target.substr(0, request_.target.find('?')) == path,
         "the path is " + request_.target);
}

void VendorCheck::header(std::string_view name, std::string_view prefix) {
  const std::string value = request_.header(name);
  expect(value.starts_with(prefix) && value.size() > prefix.size(),
         std::string(name) + " is `" + value + "`");
}

VendorCheck::Json VendorCheck::parse(std::string_view text, const std::string& where) {
  Duplicates duplicates;
  const auto look = [&duplicates](int depth, Json::parse_event_t event, Json& value) {
    return duplicates(depth, event, value);
  };
  Json json = Json::parse(text, look, false);
  expect(!json.is_discarded(), where + " is not JSON");
  expect(duplicates.found.empty(), where + " has `" + duplicates.found + "` twice");
  return json.is_discarded() ? Json(nullptr) : json;
}

const VendorCheck::Json* VendorCheck::member(const Json& object, const std::string& name,
                                             Need need) {
  if (!object.is_object() || !object.contains(name)) {
    expect(need == Need::kOptional, "`" + name + "` is missing");
    return nullptr;
  }
  return &object[name];
}

void VendorCheck::text(const Json& object, const std::string& name, std::size_t most, Need need) {
  const Json* const value = member(object, name, need);
  if (value == nullptr) {
    return;
  }
  if (!value->is_string()) {
    expect(false, "`" + name + "` is no text");
    return;
  }
  const auto said = value->get<std::string>();
  expect(need == Need::kOptional || !said.empty(), "`" + name + "` is empty");
  expect(utf16_units(said) <= most,
         "`" + name + "` has " + std::to_string(utf16_units(said)) + " characters");
}

void VendorCheck::one_of(const Json& object, const std::string& name,
                         std::initializer_list<std::string_view> words) {
  const Json* const value = member(object, name, Need::kRequired);
  if (value == nullptr) {
    return;
  }
  const std::string said = value->is_string() ? value->get<std::string>() : value->dump();
  expect(std::find(words.begin(), words.end(), said) != words.end(), "`" + name + "` is " + said);
}

void VendorCheck::number(const Json& object, const std::string& name, Need need) {
  const Json* const value = member(object, name, need);
  expect(value == nullptr || (value->is_number() && value->get<double>() > 0),
         "`" + name + "` is no positive number");
}

void VendorCheck::time(const Json& object, const std::string& name, Need need) {
  const Json* const value = member(object, name, need);
  expect(value == nullptr || (value->is_string() && is_rfc3339(value->get<std::string>())),
         "`" + name + "` is no time of RFC 3339");
}

void VendorCheck::object(const Json& object, const std::string& name) {
  const Json* const value = member(object, name, Need::kRequired);
  expect(value == nullptr || (value->is_object() && !value->empty()),
         "`" + name + "` is no object with members");
}

void VendorCheck::only(const Json& object, std::initializer_list<std::string_view> names) {
  if (!object.is_object()) {
    expect(false, "no object");
    return;
  }
  for (const auto& [name, value] : object.items()) {
    expect(std::find(names.begin(), names.end(), name) != names.end(), "`" + name + "` is unknown");
  }
}

}  // namespace tiercel::support
