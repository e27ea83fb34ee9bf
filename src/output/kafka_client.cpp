#include "kafka_client.h"

#include <algorithm>
#include <array>
#include <functional>

#include <librdkafka/rdkafka.h>

namespace tiercel::output {

namespace {

using Kind = KafkaClient::Report::Kind;
using Report = KafkaClient::Report;
using Steady = std::chrono::steady_clock;
using Headers = std::unique_ptr<rd_kafka_headers_t, void (*)(rd_kafka_headers_t*)>;

constexpr int kPollMilliseconds = 50;
// Of what is purged the reports come at once; this is for a machine that stands still.
constexpr std::chrono::seconds kPurgeTime{1};
// Reports carry the delivery they belong to and the item's number in one pointer.
constexpr unsigned kItemBits = 20;
constexpr std::uintptr_t kItemMask = (std::uintptr_t{1} << kItemBits) - 1;

Kind kind_of(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return Kind::kTaken;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
      return Kind::kUnfit;
    default:
      return Kind::kAgain;
  }
}

bool says_nothing(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__MSG_TIMED_OUT || error == RD_KAFKA_RESP_ERR__TIMED_OUT ||
         error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

rd_kafka_vu_t unit(rd_kafka_vtype_t type) {
  rd_kafka_vu_t made{};
  made.vtype = type;
  return made;
}

rd_kafka_vu_t bytes_unit(rd_kafka_vtype_t type, std::string_view bytes) {
  rd_kafka_vu_t made = unit(type);
  made.u.mem.ptr = const_cast<char*>(bytes.data());  // copied, and never written to
  made.u.mem.size = bytes.size();
  return made;
}

using KafkaConfig = std::unique_ptr<rd_kafka_conf_t, void (*)(rd_kafka_conf_t*)>;

base::Result<KafkaConfig> config_of(const config::TextPairs& properties) {
  KafkaConfig config(::rd_kafka_conf_new(), &::rd_kafka_conf_destroy);
  std::array<char, 512> text{};
  for (const auto& [name, value] : properties) {
    if (::rd_kafka_conf_set(config.get(), name.c_str(), value.c_str(), text.data(), text.size()) !=
        RD_KAFKA_CONF_OK) {
      return base::Error{"bad_property", text.data(), name};
    }
  }
  return {boost::system::in_place_value, std::move(config)};
}

}  // namespace

void KafkaLog::write(base::LogLevel level, std::string_view text) {
  std::string more;
  // Debug lines come because somebody asked for them.
  if (level != base::LogLevel::kDebug) {
    base::LogLimit& limit = limits_[level <= base::LogLevel::kWarning ? 0 : 1];
    if (!limit.lets_through(clock_.steady())) {
      return;
    }
    if (const std::uint64_t held_back = limit.take_held_back(); held_back != 0) {
      more = " (and " + std::to_string(held_back) + " lines since the last one)";
    }
  }
  base::log(level, "output '" + name_ + "' (kafka): " + std::string(text) + more);
}

class KafkaClient::Impl {
 public:
  explicit Impl(KafkaLog& log) : log_(log) {}
  ~Impl() {
    if (producer_ != nullptr) {
      (void)::rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      ::rd_kafka_destroy(producer_);
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Result<void> start(const config::TextPairs& properties);
  std::vector<Report> send(std::span<const Item> items, Steady::time_point deadline,
                           const std::atomic<bool>& interrupted);
  void tick() { (void)::rd_kafka_poll(producer_, 0); }
  [[nodiscard]] bool is_spent() const { return is_spent_; }

 private:
  using Waits = const std::function<bool()>&;
  void produce(const Item& item, std::size_t number, Waits may_wait);
  rd_kafka_resp_err_t produce_once(const Item& item, std::size_t number);
  void take_back();
  [[nodiscard]] std::string why(rd_kafka_resp_err_t error) const;
  void close(std::size_t number, Report report);

  static void on_report(rd_kafka_t* producer, const rd_kafka_message_t* message, void* self);
  static void on_error(rd_kafka_t* producer, int error, const char* reason, void* self);
  static void on_log(const rd_kafka_t* producer, int level, const char* facility, const char* text);

  KafkaLog& log_;
  rd_kafka_t* producer_ = nullptr;
  std::vector<Report> reports_;
  std::size_t open_ = 0;
  std::uintptr_t delivery_ = 0;
  std::string last_error_;
  bool is_spent_ = false;
};

base::Result<void> KafkaClient::Impl::start(const config::TextPairs& properties) {
  auto made = config_of(properties);
  if (!made) {
    return made.error();
  }
  KafkaConfig config = std::move(*made);
  std::array<char, 512> text{};
  ::rd_kafka_conf_set_opaque(config.get(), this);
  ::rd_kafka_conf_set_dr_msg_cb(config.get(), &Impl::on_report);
  ::rd_kafka_conf_set_error_cb(config.get(), &Impl::on_error);
  ::rd_kafka_conf_set_log_cb(config.get(), &Impl::on_log);
  producer_ = ::rd_kafka_new(RD_KAFKA_PRODUCER, config.get(), text.data(), text.size());
  if (producer_ == nullptr) {
    return base::Error{"bad_options", text.data(), ""};
  }
  (void)config.release();  // belongs to the producer now
  (void)::rd_kafka_set_log_queue(producer_, nullptr);
  return {};
}

std::vector<Report> KafkaClient::Impl::send(std::span<const Item> items,
                                            Steady::time_point deadline,
                                            const std::atomic<bool>& interrupted) {
  ++delivery_;
  reports_.assign(items.size(), {});
  open_ = items.size();
  const auto may_wait = [&] { return !interrupted.load() && Steady::now() < deadline; };
  for (std::size_t at = 0; at < items.size(); ++at) {
    produce(items[at], at, may_wait);
  }
  while (open_ > 0 && may_wait()) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Steady::now()).count();
    (void)::rd_kafka_poll(producer_,
                          static_cast<int>(std::clamp<long long>(left, 0, kPollMilliseconds)));
  }
  if (open_ > 0) {
    take_back();
  }
  return std::move(reports_);
}

void KafkaClient::Impl::produce(const Item& item, std::size_t number, Waits may_wait) {
  rd_kafka_resp_err_t error = produce_once(item, number);
  // The queue is bounded: what is under way makes room.
  while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL && may_wait()) {
    (void)::rd_kafka_poll(producer_, kPollMilliseconds);
    error = produce_once(item, number);
  }
  if (error == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    close(number, {Kind::kTooLarge, "larger than librdkafka's message.max.bytes (" +
                                        std::to_string(item.value.size()) +
                                        " bytes); `properties` can raise it"});
  } else if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    close(number, {Kind::kAgain, why(error)});
  }
}

rd_kafka_resp_err_t KafkaClient::Impl::produce_once(const Item& item, std::size_t number) {
  std::vector<rd_kafka_vu_t> units;
  units.push_back(unit(RD_KAFKA_VTYPE_TOPIC));
  units.back().u.cstr = item.topic.c_str();
  units.push_back(unit(RD_KAFKA_VTYPE_MSGFLAGS));
  units.back().u.i = RD_KAFKA_MSG_F_COPY;
  units.push_back(unit(RD_KAFKA_VTYPE_OPAQUE));
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that librdkafka hands back, never followed
  units.back().u.ptr = reinterpret_cast<void*>(delivery_ << kItemBits | number);
  units.push_back(bytes_unit(RD_KAFKA_VTYPE_VALUE, item.value));
  if (!item.key.empty()) {
    units.push_back(bytes_unit(RD_KAFKA_VTYPE_KEY, item.key));
  }
  // A list of our own: headers given one by one are freed twice where the call fails
  // (confluentinc/librdkafka#4627).
  Headers headers(::rd_kafka_headers_new(item.headers.size()), &::rd_kafka_headers_destroy);
  for (const auto& [name, value] : item.headers) {
    (void)::rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()),
                                value.data(), static_cast<ssize_t>(value.size()));
  }
  units.push_back(unit(RD_KAFKA_VTYPE_HEADERS));
  units.back().u.headers = headers.get();
  rd_kafka_error_t* const error = ::rd_kafka_produceva(producer_, units.data(), units.size());
  if (error == nullptr) {
    (void)headers.release();  // belong to the message now
    return RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  const rd_kafka_resp_err_t code = ::rd_kafka_error_code(error);
  ::rd_kafka_error_destroy(error);
  return code;
}

// What has no report yet is taken out of the queues, and out of requests that wait for their
// answer: sent later, it would be there twice once the runner sends it again.
void KafkaClient::Impl::take_back() {
  (void)::rd_kafka_purge(producer_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  const auto end = Steady::now() + kPurgeTime;
  while (open_ > 0 && Steady::now() < end) {
    (void)::rd_kafka_poll(producer_, 10);
  }
  for (Report& report : reports_) {
    if (report.kind == Kind::kOpen) {
      report = {Kind::kAgain, why(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT)};
    }
  }
}

std::string KafkaClient::Impl::why(rd_kafka_resp_err_t error) const {
  if (!says_nothing(error)) {
    return ::rd_kafka_err2str(error);
  }
  return "no acknowledgement in time" + (last_error_.empty() ? "" : ": " + last_error_);
}

void KafkaClient::Impl::close(std::size_t number, Report report) {
  if (number < reports_.size() && reports_[number].kind == Kind::kOpen) {
    reports_[number] = std::move(report);
    --open_;
  }
}

void KafkaClient::Impl::on_report(rd_kafka_t* /*producer*/, const rd_kafka_message_t* message,
                                  void* self) {
  auto& impl = *static_cast<Impl*>(self);
  const auto tag = reinterpret_cast<std::uintptr_t>(message->_private);
  if (tag >> kItemBits != (impl.delivery_ & (~std::uintptr_t{0} >> kItemBits))) {
    return;  // of an earlier delivery, which has counted it as not delivered
  }
  Report report{kind_of(message->err), {}};
  if (report.kind == Kind::kTaken) {
    report.text = std::string(::rd_kafka_topic_name(message->rkt)) + ", partition " +
                  std::to_string(message->partition) +
                  (message->offset < 0 ? "" : ", offset " + std::to_string(message->offset));
    impl.last_error_.clear();
  } else {
    report.text = impl.why(message->err);
    impl.is_spent_ = impl.is_spent_ || message->err == RD_KAFKA_RESP_ERR__FATAL;
  }
  impl.close(tag & kItemMask, std::move(report));
}

void KafkaClient::Impl::on_error(rd_kafka_t* producer, int error, const char* reason, void* self) {
  auto& impl = *static_cast<Impl*>(self);
  // That all brokers are down says less than why one of them is.
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || impl.last_error_.empty()) {
    impl.last_error_ = reason;
  }
  if (error == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    (void)::rd_kafka_fatal_error(producer, text.data(), text.size());
    impl.last_error_ = text.data();
  }
  impl.is_spent_ = impl.is_spent_ || error == RD_KAFKA_RESP_ERR__FATAL ||
                   error == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

void KafkaClient::Impl::on_log(const rd_kafka_t* producer, int level, const char* /*facility*/,
                               const char* text) {
  auto& impl = *static_cast<Impl*>(::rd_kafka_opaque(producer));
  impl.log_.write(static_cast<base::LogLevel>(std::clamp(level, 0, 7)), text);
}

KafkaClient::KafkaClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
KafkaClient::~KafkaClient() = default;

base::Result<void> KafkaClient::check(const config::TextPairs& properties) {
  // Whether they go together is seen only where a producer is made; one without brokers asks
  // nobody. Making one for GSSAPI runs kinit, so there it is left to the start.
  config::TextPairs quiet;
  bool makes_one = true;
  for (const auto& [name, value] : properties) {
    if (name != "bootstrap.servers" && name != "metadata.broker.list" && name != "log.queue") {
      quiet.emplace_back(name, value);
    }
    makes_one = makes_one && !(name.starts_with("sasl.mechanism") && value == "GSSAPI");
  }
  auto whole = config_of(properties);
  auto config = config_of(quiet);
  if (!whole || !config || !makes_one) {
    return whole ? base::Result<void>{} : whole.error();
  }
  std::array<char, 512> text{};
  ::rd_kafka_conf_set_log_cb(config->get(),
                             [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_t* const producer =
      ::rd_kafka_new(RD_KAFKA_PRODUCER, config->get(), text.data(), text.size());
  if (producer == nullptr) {
    return base::Error{"bad_options", text.data(), ""};
  }
  (void)config->release();  // belongs to the producer now
  ::rd_kafka_destroy(producer);
  return {};
}

base::Result<std::unique_ptr<KafkaClient>> KafkaClient::make(const config::TextPairs& properties,
                                                             KafkaLog& log) {
  auto impl = std::make_unique<Impl>(log);
  if (auto started = impl->start(properties); !started) {
    return started.error();
  }
  return std::unique_ptr<KafkaClient>(new KafkaClient(std::move(impl)));
}

std::vector<Report> KafkaClient::send(std::span<const Item> items, Steady::time_point deadline,
                                      const std::atomic<bool>& interrupted) {
  return impl_->send(items, deadline, interrupted);
}
void KafkaClient::tick() { impl_->tick(); }
bool KafkaClient::is_spent() const { return impl_->is_spent(); }

}  // namespace tiercel::output
