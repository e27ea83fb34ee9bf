#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tiercel/base/log_limit.h"
#include "tiercel/base/metrics.h"
#include "tiercel/http/options.h"
#include "tiercel/http/router.h"

#include "channel.h"
#include "head_parser.h"
#include "message_body.h"
#include "response_text.h"

namespace tiercel::http {

/// What all connections of a server share. Constant while it runs, or with its own
/// synchronisation.
struct Service {
  Service(const ServerOptions& server_options, const Router& server_router,
          base::Metrics& server_metrics, ConnectionTable& server_table)
      : options(server_options),
        router(server_router),
        metrics(server_metrics),
        table(server_table) {}

  /// For metrics rejected_… and drains_cut_short_….
  void count_rejected(base::Metric metric) const {
    if (options.counts_rejections) {
      metrics.add(metric);
    }
  }
  /// The same for an answer, where it turns the request away.
  void count_answer(const Response& response) const {
    const auto metric = rejection_of(response.status);
    if (metric && !response.is_answer) {
      count_rejected(*metric);
    }
  }

  const ServerOptions& options;
  const Router& router;
  base::Metrics& metrics;
  ConnectionTable& table;
  std::atomic<bool> stopping{false};
  std::atomic<std::uint64_t> requests{0};
  base::LogLimit tls_log;
  base::LogLimit protocol_log;
};

/// One connection from its handshake to its end: requests one after another, each with
/// its limits, its handler and its answer.
///
/// Runs on: one io thread; not shared. `channel()` is for that thread's tick.
class Connection {
 public:
  Connection(Service& service, std::unique_ptr<Transport> transport,
             std::shared_ptr<ConnectionSlot> slot);

  boost::asio::awaitable<void> run();
  [[nodiscard]] Channel& channel() { return channel_; }

 private:
  enum class Next : std::uint8_t {
    kKeep,    ///< wait for another request
    kFinish,  ///< everything was read: end sending and close
    kLinger,  ///< bytes may still come: read some of them away before closing
    kDrop,    ///< close at once
  };

  boost::asio::awaitable<bool> open();
  void tell_failed_handshake(Channel::Status status, const std::string& problem);
  void vouch();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Channel::Status> wait_for_request();
  [[nodiscard]] bool has_expired() const { return std::chrono::steady_clock::now() >= good_until_; }
  boost::asio::awaitable<Channel::Status> read_head(HeadParser& parser, unsigned& refusal);
  boost::asio::awaitable<Next> refuse(unsigned status);
  boost::asio::awaitable<Response> answer(const Request& request, MessageBody& body);
  boost::asio::awaitable<Next> finish(const HeadParser& parser, const Request& request,
                                      Response response, MessageBody& body);
  boost::asio::awaitable<Next> drain(MessageBody& body, Next after);
  boost::asio::awaitable<bool> send(const Response& response, bool head_only,
                                    std::string_view connection);
  boost::asio::awaitable<void> linger();
  boost::asio::awaitable<void> close(Next next);
  void report_malformed();

  Service& service_;
  const Limits& limits_;
  Channel channel_;
  bool is_vouched_for_ = false;
  std::vector<std::string> peer_names_;        // in the client's certificate
  SteadyTime good_until_ = SteadyTime::max();  // that certificate
};

}  // namespace tiercel::http
