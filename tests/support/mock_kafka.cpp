#include "mock_kafka.h"

#include <array>
#include <chrono>
#include <set>

#include <gtest/gtest.h>

#include "daemon.h"

namespace tiercel::support {

namespace {

constexpr std::int16_t kProduceApi = 0;

rd_kafka_t* make_client(rd_kafka_type_t type,
                        const std::vector<std::pair<const char*, std::string>>& properties) {
  std::array<char, 512> text{};
  rd_kafka_conf_t* const config = ::rd_kafka_conf_new();
  for (const auto& [name, value] : properties) {
    EXPECT_EQ(::rd_kafka_conf_set(config, name, value.c_str(), text.data(), text.size()),
              RD_KAFKA_CONF_OK)
        << text.data();
  }
  rd_kafka_t* const client = ::rd_kafka_new(type, config, text.data(), text.size());
  EXPECT_NE(client, nullptr) << text.data();
  return client;
}

MockKafka::Message read_message(const rd_kafka_message_t& from) {
  MockKafka::Message to;
  to.has_key = from.key != nullptr;
  to.key.assign(static_cast<const char*>(from.key), from.key_len);
  to.value.assign(static_cast<const char*>(from.payload), from.len);
  rd_kafka_headers_t* headers = nullptr;
  if (::rd_kafka_message_headers(&from, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t at = 0;
         ::rd_kafka_header_get_all(headers, at, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++at) {
      to.headers[name].assign(static_cast<const char*>(value), size);
    }
  }
  return to;
}

int partitions_of(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  int partitions = 0;
  EXPECT_TRUE(wait_until([&] {
    if (::rd_kafka_metadata(client, 0, topic, &metadata, 5'000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      partitions = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
      ::rd_kafka_metadata_destroy(metadata);
    }
    return partitions > 0;
  }));
  return partitions;
}

}  // namespace

MockKafka::MockKafka(int brokers)
    : host_(make_client(RD_KAFKA_PRODUCER, {{"log_level", "0"}})),
      cluster_(::rd_kafka_mock_cluster_new(host_, brokers)) {}

MockKafka::~MockKafka() {
  ::rd_kafka_mock_cluster_destroy(cluster_);
  ::rd_kafka_destroy(host_);
}

std::string MockKafka::brokers() const { return ::rd_kafka_mock_cluster_bootstraps(cluster_); }

void MockKafka::push_produce_errors(const std::vector<rd_kafka_resp_err_t>& errors) const {
  ::rd_kafka_mock_push_request_errors_array(cluster_, kProduceApi, errors.size(), errors.data());
}

std::vector<MockKafka::Message> MockKafka::messages(const std::string& topic,
                                                    std::size_t count) const {
  rd_kafka_t* const consumer = make_client(
      RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers()}, {"enable.partition.eof", "true"}});
  rd_kafka_topic_t* const handle = ::rd_kafka_topic_new(consumer, topic.c_str(), nullptr);
  rd_kafka_queue_t* const queue = ::rd_kafka_queue_new(consumer);
  const int partitions = partitions_of(consumer, handle);
  for (int partition = 0; partition < partitions; ++partition) {
    (void)::rd_kafka_consume_start_queue(handle, partition, RD_KAFKA_OFFSET_BEGINNING, queue);
  }
  std::vector<Message> messages;
  std::set<int> ended;
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while ((messages.size() < count || ended.size() < static_cast<std::size_t>(partitions)) &&
         std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* const message = ::rd_kafka_consume_queue(queue, 100);
    if (message == nullptr) {
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      messages.push_back(read_message(*message));
      ended.erase(message->partition);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ended.insert(message->partition);
    }
    ::rd_kafka_message_destroy(message);
  }
  for (int partition = 0; partition < partitions; ++partition) {
    (void)::rd_kafka_consume_stop(handle, partition);
  }
  ::rd_kafka_queue_destroy(queue);
  ::rd_kafka_topic_destroy(handle);
  ::rd_kafka_destroy(consumer);
  return messages;
}

}  // namespace tiercel::support
