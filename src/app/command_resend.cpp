// `tiercel outputs resend NAME`: what an output did not take is given to it once more.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <list>
#include <thread>

#include "tiercel/alert/alert_id.h"
#include "tiercel/alert/alert_view.h"
#include "tiercel/audit/event.h"
#include "tiercel/base/clock.h"
#include "tiercel/base/one_line.h"
#include "tiercel/output/kinds.h"
#include "tiercel/output/resend.h"
#include "tiercel/store/history.h"

#include "deliveries.h"
#include "options.h"

namespace tiercel::app {

namespace {

constexpr int kTries = 50;
constexpr std::chrono::milliseconds kPause{100};

// A letter's alert with its columns: as the store holds it, or, where it is too old for that,
// as far as its JSON tells.
class Letter {
 public:
  Letter(const output::DeadLetter& letter, const alert::LineFormat& format, store::History* history)
      : body_(letter.alert) {
    if (const auto view = alert::AlertView::parse(body_)) {
      read_columns(*view);
      if (history != nullptr && !view->alert_id.empty()) {
        ask(*history, std::string(view->alert_id));
      }
    }
    alert_.rule = rule_;
    alert_.tags = tags_;
    alert_.user = user_;
    alert_.name_space = name_space_;
    alert_.cluster = cluster_;
    alert_.body = body_;
    alert::append_line(line_, body_, format);
  }
  Letter(const Letter&) = delete;
  Letter& operator=(const Letter&) = delete;

  [[nodiscard]] output::Message message() const { return {&alert_, line_}; }

 private:
  void read_columns(const alert::AlertView& view) {
    rule_ = alert::unescape_json(view.rule);
    for (const std::string& tag : view.tag_list()) {
      tags_ += (tags_.empty() ? "" : ",") + tag;
    }
    user_ = view.field_text("ka.user.name").value_or("");
    name_space_ = view.field_text("ka.target.namespace").value_or("");
    cluster_ = view.field_text("static.cluster").value_or("");
    (void)audit::parse_time(view.time, alert_.time);
    alert_.stored = alert_.time;
    const auto priority = base::parse_priority(view.priority);
    alert_.priority = static_cast<std::uint8_t>(priority.value_or(base::Priority::kWarning));
    alert_.id = id_of(view.alert_id);
    if (view.alert_id.empty()) {
      // Somebody edited the letter, and some peers know alerts by it.
      const auto hash = static_cast<std::uint64_t>(std::hash<std::string>{}(body_));
      alert_.id = alert::make_alert_id(alert_.time, false, audit::EventKey{{hash, 0}}, rule_).bytes;
    }
  }

  static std::array<std::uint8_t, 16> id_of(std::string_view text) {
    std::array<std::uint8_t, 16> id{};
    const auto digit = [text](std::size_t at) {
      const char c = at < text.size() ? text[at] : '0';
      return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10) & 0xFU;
    };
    for (std::size_t at = 0; at < id.size(); ++at) {
      id[at] = static_cast<std::uint8_t>(digit(2 * at) << 4U | digit(2 * at + 1));
    }
    return id;
  }

  void ask(store::History& history, const std::string& id) {
    store::Query query;
    query.ids = {id};
    (void)history.query(query, [this](const store::StoredAlert& alert) {
      alert_ = alert;
      user_ = alert.user;
      name_space_ = alert.name_space;
      cluster_ = alert.cluster;
      return false;
    });
  }

  const std::string body_;
  std::string line_;
  std::string rule_;
  std::string tags_;
  std::string user_;
  std::string name_space_;
  std::string cluster_;
  store::StoredAlert alert_;
};

// The files to go through: those set aside before, and the one that a daemon may be writing,
// which is set aside now.
base::Result<std::vector<std::string>> files_of(const OutputsOptions& options,
                                                const std::string& path) {
  if (!options.file.empty()) {
    return std::vector<std::string>{options.file};
  }
  std::error_code error;
  for (int tries = kTries; std::filesystem::exists(path, error); --tries) {
    // The daemon holds the file while it writes a letter.
    const auto aside = output::set_aside_dead_letters(path);
    if (aside) {
      break;
    }
    if (tries == 1 || aside.error().code != output::kLettersBusy) {
      return aside.error();
    }
    std::this_thread::sleep_for(kPause);
  }
  return output::dead_letters_set_aside(path);
}

int report(const std::string& name, const std::string& file, const output::Resent& resent) {
  std::string text = name + ": " + std::to_string(resent.delivered) + " dead letters delivered";
  if (resent.unreadable != 0) {
    text += ", " + std::to_string(resent.unreadable) + " lines are no letters";
  }
  if (resent.left == 0) {
    return print(text + (resent.unreadable == 0 ? "" : " and stay in " + file) + "\n");
  }
  const char* const advice = resent.has_failed
                                 ? "mend that and run this again"
                                 : "remove the lines of those that the peer will never take";
  std::fprintf(stderr, "%s, %llu left in %s: %s; %s\n", text.c_str(),
               static_cast<unsigned long long>(resent.left), file.c_str(),
               base::one_line(resent.why).c_str(), advice);
  return kError;
}

}  // namespace

int resend_command(const OutputsOptions& options, const config::Settings& settings,
                   const config::NamedOutput& output) {
  const base::SystemClock clock;
  base::Metrics metrics;
  const std::unique_ptr<output::Output> made = make_output(output, clock, metrics, false);
  if (const auto opened = made->open(); !opened) {
    std::fprintf(stderr, "%s: %s\n", output.name.c_str(), opened.error().text().c_str());
    return kError;
  }
  const std::string path = dead_letter_path(settings, output.name);
  const auto files = files_of(options, path);
  if (!files) {
    std::fprintf(stderr, "Error: %s. Run this as root or as the daemon's user\n",
                 files.error().text().c_str());
    return kError;
  }
  if (files->empty()) {
    return print(output.name + ": there are no dead letters (" + path + ")\n");
  }
  // Where there is none, the letters themselves tell enough.
  auto history = store::History::open(settings.store.path);
  const alert::LineFormat format = line_format(settings, output);
  const std::size_t most = std::min<std::size_t>(
      output::find_output_type(output.kind)->most_messages, output.delivery.batch_alerts);
  int status = kSuccess;
  for (const std::string& file : *files) {
    const auto resent =
        output::resend_dead_letters(file, most, [&](std::span<const output::DeadLetter> letters) {
          std::list<Letter> alerts;
          std::vector<output::Message> messages;
          for (const output::DeadLetter& letter : letters) {
            alerts.emplace_back(letter, format, history ? history->get() : nullptr);
            messages.push_back(alerts.back().message());
          }
          return made->deliver(messages);
        });
    if (!resent) {
      std::fprintf(stderr, "Error: %s\n", resent.error().text().c_str());
      return kError;
    }
    status = std::max(status, report(output.name, file, *resent));
    if (resent->has_failed) {
      break;  // The peer is down: the other files wait. What it refuses holds up no other file.
    }
  }
  return status;
}

}  // namespace tiercel::app
