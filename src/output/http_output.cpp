#include <algorithm>
#include <string>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/base/json_text.h"

#include "body_template.h"
#include "cloud_event.h"
#include "http_peer.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

struct HttpOptions final : HttpPeerOptions {
  enum class Batch : std::uint8_t { kNone, kArray, kLines };
  enum class CloudEvents : std::uint8_t { kNone, kStructured, kBinary };
  HttpOptions() { user_agent = "falcosecurity/falco"; }
  Batch batch = Batch::kNone;
  CloudEvents cloudevents = CloudEvents::kNone;
  std::string body{};
  std::string content_type{};
};

void describe_http(config::Section<HttpOptions>& s) {
  using Batch = HttpOptions::Batch;
  using CloudEvents = HttpOptions::CloudEvents;
  s.option("url", &HttpOptions::url,
           "Where each alert is posted; falcosidekick at http://HOST:2801/ for one.")
      .example("http://127.0.0.1:2801/");
  s.choice<Batch>("batch", &HttpOptions::batch,
                  {{"none", Batch::kNone}, {"array", Batch::kArray}, {"lines", Batch::kLines}},
                  "One alert a request as Falco does, or several: a JSON array, or a line each.");
  s.choice<CloudEvents>("cloudevents", &HttpOptions::cloudevents,
                        {{"none", CloudEvents::kNone},
                         {"structured", CloudEvents::kStructured},
                         {"binary", CloudEvents::kBinary}},
                        "Wrap alerts as CloudEvents 1.0.");
  s.option("body", &HttpOptions::body,
           "A template for the body instead of the alert: $${rule}, $${json:output_fields}, "
           "$${ka.user.name} and the like, written with two dollar signs; "
           "/usr/share/tiercel/config/templates.md lists them.")
      .example("'{\"text\": \"$${output}\"}'");
  s.option("content_type", &HttpOptions::content_type,
           "Content-Type of the requests; empty: what the body is.");
  describe_transport(s.schema(), s.path(), s.values());
}

// Posts alerts in Falco's JSON schema, or in any other by a template.
class HttpOutput final : public Output {
 public:
  explicit HttpOutput(const HttpOptions& options) : options_(unquoted(options)), peer_(options_) {}

  base::Result<void> open() override {
    if (const char* const clash = complaint(); clash != nullptr) {
      return base::Error{"bad_options", clash, ""};
    }
    if (!options_.body.empty()) {
      auto parsed = BodyTemplate::parse(options_.body, {});
      if (!parsed) {
        return parsed.error();
      }
      template_ = std::move(*parsed);
    }
    return peer_.check();
  }

  std::vector<std::string> asked_names() const override {
    const auto parsed = BodyTemplate::parse(options_.body, {});
    return parsed ? parsed->names() : std::vector<std::string>{};
  }

  Delivery deliver(std::span<const Message> messages) override {
    using CloudEvents = HttpOptions::CloudEvents;
    if (options_.batch != HttpOptions::Batch::kNone) {
      return deliver_batch(messages);
    }
    if (options_.cloudevents == CloudEvents::kBinary) {
      return deliver_binary(messages);
    }
    return post_each(peer_, options_.url, content_type(messages), messages,
                     [this](const Message& message, std::string& body) { append(message, body); });
  }

  void interrupt() override { peer_.interrupt(); }

 private:
  // As Falco: quotes around the URL do not belong to it.
  static HttpOptions unquoted(HttpOptions options) {
    std::string& url = options.url;
    if (url.size() > 1 && (url.front() == '"' || url.front() == '\'') &&
        url.back() == url.front()) {
      url = url.substr(1, url.size() - 2);
    }
    return options;
  }

  // What two options ask for and no request can be.
  [[nodiscard]] const char* complaint() const {
    using Batch = HttpOptions::Batch;
    using CloudEvents = HttpOptions::CloudEvents;
    if (options_.cloudevents == CloudEvents::kBinary && options_.batch != Batch::kNone) {
      return "`cloudevents: binary` is one event a request: `batch` must be none";
    }
    if (options_.cloudevents == CloudEvents::kStructured && options_.batch == Batch::kLines) {
      return "a batch of CloudEvents is an array: `batch` must be none or array";
    }
    if (options_.cloudevents == CloudEvents::kStructured && !options_.body.empty()) {
      return "`cloudevents: structured` is a body of its own: leave `body` out";
    }
    return nullptr;
  }

  [[nodiscard]] std::string content_type(std::span<const Message> messages) const {
    if (!options_.content_type.empty()) {
      return options_.content_type;
    }
    const bool is_batch = options_.batch == HttpOptions::Batch::kArray;
    if (options_.cloudevents == HttpOptions::CloudEvents::kStructured) {
      return is_batch ? "application/cloudevents-batch+json" : "application/cloudevents+json";
    }
    if (options_.batch == HttpOptions::Batch::kLines) {
      return "application/x-ndjson";
    }
    const bool is_json =
        is_batch || template_ || messages.empty() || messages.front().line.starts_with('{');
    return is_json ? "application/json" : "text/plain";
  }

  void append(const Message& message, std::string& body) const {
    std::string_view line = message.line;
    line.remove_suffix(line.ends_with('\n') ? 1 : 0);
    if (options_.cloudevents == HttpOptions::CloudEvents::kStructured) {
      append_cloud_event(body, message);
    } else if (template_) {
      template_->render(message, body);
    } else if (options_.batch == HttpOptions::Batch::kArray && !line.starts_with('{')) {
      base::append_json_string(body, line);
    } else {
      body += line;
    }
  }

  Delivery deliver_batch(std::span<const Message> messages) {
    return deliver_halved(messages, peer_.deadline(),
                          [this](std::span<const Message> some) { return send_batch(some); });
  }

  Delivery send_batch(std::span<const Message> messages) {
    const bool is_array = options_.batch == HttpOptions::Batch::kArray;
    std::string body;
    for (const Message& message : messages) {
      body += is_array ? (body.empty() ? "[" : ",") : "";
      append(message, body);
      body += is_array ? "" : "\n";
    }
    body += is_array ? "]" : "";
    return peer_.judge(peer_.post(options_.url, content_type(messages), body), messages.size());
  }

  // The alert as it is; what the event says about it stands in headers.
  Delivery deliver_binary(std::span<const Message> messages) {
    return deliver_each(messages, peer_.deadline(), [this](const Message& message) {
      std::string body;
      append(message, body);
      return peer_.judge(
          peer_.post(options_.url, content_type({&message, 1}), body, cloud_event_headers(message)),
          1);
    });
  }

  const HttpOptions options_;
  HttpPeer peer_;
  std::optional<BodyTemplate> template_;
};

std::unique_ptr<Output> make_http(const HttpOptions& options, const OutputContext& /*context*/) {
  return std::make_unique<HttpOutput>(options);
}

}  // namespace

const OutputType kHttpOutput = output_type<HttpOptions, &describe_http, &make_http>(
    {.name = "http",
     .doc = "Posts alerts to a URL in Falco's JSON schema, as CloudEvents, or by a template.",
     .falco_section = "http_output",
     .is_json = true,
     .needs_fields = true,
     .most_messages = 100});

}  // namespace tiercel::output
