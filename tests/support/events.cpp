#include "events.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

namespace tiercel::tests {

namespace {

class CallSink final : public audit::EventSink {
 public:
  explicit CallSink(const std::function<void(const audit::AuditEvent&)>& visit) : visit_(visit) {}
  void on_event(audit::AuditEvent& event) override { visit_(event); }
  void on_bad(const audit::BadInput& /*bad*/) override {}

 private:
  const std::function<void(const audit::AuditEvent&)>& visit_;
};

nlohmann::ordered_json::json_pointer pointer(const std::string& dotted_path) {
  std::string path = "/" + dotted_path;
  for (char& c : path) {
    c = c == '.' ? '/' : c;
  }
  return nlohmann::ordered_json::json_pointer(path);
}

}  // namespace

audit::DecodeCounts for_each_event(std::string_view body,
                                   const std::function<void(const audit::AuditEvent&)>& visit) {
  std::string padded(body);
  padded.append(audit::kPadding, '\0');
  audit::BatchDecoder decoder;
  CallSink sink(visit);
  return decoder.decode(std::string_view(padded).substr(0, body.size()), audit::BatchForm::kBody, 0,
                        sink);
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw std::runtime_error("cannot read " + path);
  }
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> data_lines(const std::string& name) {
  const std::string text = read_file(std::string(TIERCEL_TEST_DATA) + "/" + name);
  std::vector<std::string> lines;
  std::size_t from = 0;
  while (from < text.size()) {
    const std::size_t end = std::min(text.find('\n', from), text.size());
    if (end != from) {
      lines.push_back(text.substr(from, end - from));
    }
    from = end + 1;
  }
  return lines;
}

nlohmann::ordered_json with_member(nlohmann::ordered_json base, const std::string& dotted_path,
                                   const nlohmann::ordered_json& value) {
  base[pointer(dotted_path)] = value;
  return base;
}

nlohmann::ordered_json without_member(nlohmann::ordered_json base, const std::string& dotted_path) {
  const auto where = pointer(dotted_path);
  auto& parent = base[where.parent_pointer()];
  parent.erase(where.back());
  return base;
}

}  // namespace tiercel::tests
