#include <array>
#include <cstring>
#include <string>
#include <vector>

#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "descriptor.h"
#include "journal_entry.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

constexpr const char* kSocket = "/run/systemd/journal/socket";

struct JournaldOptions final : OutputOptions {
  std::string identifier = "tiercel";
};

void describe_journald(config::Section<JournaldOptions>& section) {
  section.option("identifier", &JournaldOptions::identifier,
                 "SYSLOG_IDENTIFIER of the entries: `journalctl -t NAME` shows them.");
}

// Sends each alert to the journal with its columns as fields of their own, so that
// `journalctl TIERCEL_RULE=…` finds them.
class JournaldOutput final : public Output {
 public:
  explicit JournaldOutput(const JournaldOptions& options) : options_(options) {}

  Delivery deliver(std::span<const Message> messages) override {
    for (std::size_t at = 0; at < messages.size(); ++at) {
      if (const int error = send(messages[at]); error != 0) {
        return Delivery::again_from(at, messages.size(),
                                    {"journal_failed",
                                     std::string("the journal did not take an alert: ") +
                                         std::strerror(error) + "; is systemd-journald running?",
                                     kSocket});
      }
    }
    return Delivery::delivered("taken by the journal");
  }

 private:
  int send(const Message& message) {
    // The library takes a journal that is not there for success.
    if (::access(kSocket, W_OK) != 0) {
      return errno;
    }
    make_journal_entry(message, options_.identifier, fields_);
    std::vector<iovec> vectors;
    vectors.reserve(fields_.size());
    for (std::string& field : fields_) {
      vectors.push_back({field.data(), field.size()});
    }
    const int result = ::sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
    if (result < 0) {
      return -result;
    }
    return ::access(kSocket, F_OK) == 0 ? 0 : errno;
  }

  const JournaldOptions options_;
  std::vector<std::string> fields_;
};

std::unique_ptr<Output> make_journald(const JournaldOptions& options,
                                      const OutputContext& /*context*/) {
  return std::make_unique<JournaldOutput>(options);
}

}  // namespace

const OutputType kJournaldOutput = output_type<JournaldOptions, &describe_journald, &make_journald>(
    {.name = "journald",
     .doc = "Sends alerts to the systemd journal, with rule, user and the like as fields.",
     .is_json = false,
     .most_messages = 100});

}  // namespace tiercel::output
