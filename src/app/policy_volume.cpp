#include "policy_volume.h"

#include <algorithm>
#include <iterator>

#include "tiercel/analyse/policy_generate.h"
#include "tiercel/api/cost_report.h"
#include "tiercel/base/arena.h"

#include "input.h"

namespace tiercel::app {

namespace {

using analyse::Level;
using audit::Member;

class VolumeSink final : public audit::EventSink {
 public:
  explicit VolumeSink(const analyse::Policy& policy) : policy_(policy) {}

  void on_event(audit::AuditEvent& event) override {
    arena_.reset();
    const std::uint64_t size = event.root().raw().size();
    volume_.first = volume_.events == 0 ? event.time() : std::min(volume_.first, event.time());
    volume_.last = std::max(volume_.last, event.time());
    ++volume_.events;
    volume_.bytes += size;
    const analyse::PolicyRule* const rule = analyse::decide(policy_, request_of(event));
    const auto stage = analyse::parse_stage(text(event.member(Member::kStage)));
    if (rule == nullptr || rule->level == Level::kNone ||
        (stage && (rule->omitted & analyse::bit(*stage)) != 0)) {
      return;
    }
    ++volume_.recorded;
    volume_.recorded_bytes += size_at(rule->level, event, size);
  }
  void on_bad(const audit::BadInput& /*bad*/) override { ++volume_.unreadable; }

  [[nodiscard]] const PolicyVolume& volume() const { return volume_; }

 private:
  [[nodiscard]] std::string_view text(audit::Json json) {
    const base::Value value = json.value(arena_);
    return value.is_text() ? value.as_text() : std::string_view();
  }

  analyse::Request request_of(const audit::AuditEvent& event) {
    analyse::Request request;
    const audit::Json user = event.member(Member::kUser);
    request.user = text(user.member("username"));
    const audit::Json groups = user.member("groups");
    if (groups.is_array()) {
      groups.for_each_element([&](audit::Json group) { request.groups.push_back(text(group)); });
    }
    request.verb = text(event.member(Member::kVerb));
    const audit::Json object = event.member(Member::kObjectRef);
    request.is_resource = object.is_object();
    request.group = text(object.member("apiGroup"));
    request.resource = text(object.member("resource"));
    request.subresource = text(object.member("subresource"));
    request.space = text(object.member("namespace"));
    request.name = text(object.member("name"));
    request.path = text(event.member(Member::kRequestUri));
    request.path = request.path.substr(0, request.path.find('?'));
    return request;
  }

  // What the log lacks is taken from the mean of our own recordings.
  std::uint64_t size_at(Level level, const audit::AuditEvent& event, std::uint64_t size) {
    const auto of = [&](Member member) -> std::uint64_t {
      const audit::Json json = event.member(member);
      constexpr std::uint64_t kKey = 18;
      return json.exists() ? json.raw().size() + kKey : 0;
    };
    const auto had = analyse::parse_level(text(event.member(Member::kLevel)));
    const std::string_view verb = text(event.member(Member::kVerb));
    const bool is_write = event.member(Member::kObjectRef).is_object() && verb != "get" &&
                          verb != "list" && verb != "watch";
    if (had && *had < level && is_write) {
      ++volume_.guessed;
      return size + analyse::mean_size(level).write - analyse::mean_size(*had).write;
    }
    // Of reads there is no mean: what a list answers is as large as what it lists.
    const bool is_read = event.member(Member::kObjectRef).is_object() &&
                         (verb == "get" || verb == "list");  // a watch's is not recorded
    if (had && *had < level && level == Level::kRequestResponse && is_read) {
      ++volume_.unmeasured;
    }
    std::uint64_t without = level < Level::kRequestResponse ? of(Member::kResponseObject) : 0;
    without += level < Level::kRequest ? of(Member::kRequestObject) : 0;
    return size - std::min(size, without);
  }

  const analyse::Policy& policy_;
  base::Arena arena_;
  PolicyVolume volume_;
};

}  // namespace

base::Result<PolicyVolume> measure_volume(const analyse::Policy& policy,
                                          const std::vector<std::string>& files,
                                          const audit::DecodeLimits& limits) {
  VolumeSink sink(policy);
  audit::BatchDecoder decoder(limits);
  InputReader reader(files);
  InputBlock block;
  while (true) {
    const auto more = reader.next(block);
    if (!more) {
      return more.error();
    }
    if (!*more) {
      return sink.volume();
    }
    (void)decoder.decode(block.view(), block.form, 0, sink);
  }
}

std::string to_text(const PolicyVolume& volume) {
  const auto bytes = [](std::uint64_t count) {
    return api::bytes_text(static_cast<double>(count));
  };
  std::string out = "#\n# Of " + std::to_string(volume.events) + " recorded events (" +
                    bytes(volume.bytes) + ") this policy records " +
                    std::to_string(volume.recorded) + " (" + bytes(volume.recorded_bytes) + ").\n";
  constexpr double kDay = 86'400e9;
  constexpr double kLeast = 60e9;
  const double span = static_cast<double>(volume.last) - static_cast<double>(volume.first);
  if (span >= kLeast) {
    out += "# That is " +
           api::bytes_text(static_cast<double>(volume.recorded_bytes) / span * kDay) + " a day.\n";
  }
  if (volume.guessed != 0) {
    out += "# The log lacks bodies of " + std::to_string(volume.guessed) +
           " of them: their size is that of the mean above.\n";
  }
  if (volume.unmeasured != 0) {
    out += "# The log lacks the responses of " + std::to_string(volume.unmeasured) +
           " reads: they come on top, unmeasured.\n";
  }
  if (volume.unreadable != 0) {
    out += "# " + std::to_string(volume.unreadable) + " pieces of the log could not be read.\n";
  }
  return out + "# What the log itself left out is not counted.\n";
}

}  // namespace tiercel::app
