#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

namespace tiercel::support {

/// librdkafka's own mock cluster: brokers on loopback ports, for this process and others.
class MockKafka {
 public:
  struct Message {
    std::string key;
    bool has_key = false;
    std::string value;
    std::map<std::string, std::string> headers;
  };

  explicit MockKafka(int brokers = 1);
  ~MockKafka();
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  [[nodiscard]] std::string brokers() const;
  [[nodiscard]] rd_kafka_mock_cluster_t* cluster() const { return cluster_; }
  /// The next so many Produce requests are answered with these.
  void push_produce_errors(const std::vector<rd_kafka_resp_err_t>& errors) const;
  /// What a topic holds, read by a consumer until there are so many messages, and until its
  /// partitions end.
  [[nodiscard]] std::vector<Message> messages(const std::string& topic, std::size_t count) const;

 private:
  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace tiercel::support
