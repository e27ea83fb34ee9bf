// The sizes that `policy generate` prints are those of the events in tests/data.
#include <array>

#include <gtest/gtest.h>
#include <zstd.h>

#include "tiercel/analyse/policy_generate.h"

#include "policy_support.h"

namespace tiercel::tests {
namespace {

using analyse::Level;

std::string unpacked(const std::string& packed) {
  ZSTD_DCtx* const context = ZSTD_createDCtx();
  std::string out;
  std::string block(ZSTD_DStreamOutSize(), '\0');
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  while (in.pos < in.size) {
    ZSTD_outBuffer to{block.data(), block.size(), 0};
    if (ZSTD_isError(ZSTD_decompressStream(context, &to, &in)) != 0) {
      break;
    }
    out.append(block, 0, to.pos);
  }
  ZSTD_freeDCtx(context);
  return out;
}

struct Sums {
  std::uint64_t reads = 0;
  std::uint64_t read_bytes = 0;
  std::uint64_t writes = 0;
  std::array<std::uint64_t, 4> write_bytes{};
};

class Sizes final : public audit::EventSink {
 public:
  void on_event(audit::AuditEvent& event) override {
    const auto raw = [&](audit::Member member) -> std::uint64_t {
      constexpr std::uint64_t kKey = 18;
      return event.member(member).exists() ? event.member(member).raw().size() + kKey : 0;
    };
    const std::string_view verb = event.member(audit::Member::kVerb).raw();
    const std::uint64_t size = event.root().raw().size();
    if (verb == "\"get\"" || verb == "\"list\"" || verb == "\"watch\"") {
      ++sums.reads;
      sums.read_bytes += size;
    } else if (event.member(audit::Member::kLevel).raw() == "\"RequestResponse\"") {
      const std::uint64_t response = raw(audit::Member::kResponseObject);
      ++sums.writes;
      sums.write_bytes[3] += size;
      sums.write_bytes[2] += size - response;
      sums.write_bytes[1] += size - response - raw(audit::Member::kRequestObject);
    }
  }
  void on_bad(const audit::BadInput& /*bad*/) override {}
  Sums sums;
};

TEST(PolicyCost, IsThatOfTheRecordedEvents) {
  std::string text = unpacked(read_file(std::string(TIERCEL_TEST_DATA) + "/bulk.jsonl.zst"));
  const std::size_t size = text.size();
  ASSERT_GT(size, std::size_t{1} << 20U);
  text.append(audit::kPadding, ' ');
  Sizes sizes;
  audit::BatchDecoder().decode(std::string_view(text).substr(0, size), audit::BatchForm::kLines, 0,
                               sizes);
  const Sums& sums = sizes.sums;
  ASSERT_GT(sums.reads, 1000U);
  ASSERT_GT(sums.writes, 1000U);
  const auto near = [](std::uint64_t sum, std::uint64_t count, std::uint32_t said) {
    EXPECT_NEAR(static_cast<double>(sum) / static_cast<double>(count), said, said * 0.01);
  };
  near(sums.read_bytes, sums.reads, analyse::mean_size(Level::kMetadata).read);
  for (const Level level : {Level::kMetadata, Level::kRequest, Level::kRequestResponse}) {
    near(sums.write_bytes[static_cast<std::size_t>(level)], sums.writes,
         analyse::mean_size(level).write);
  }
}

}  // namespace
}  // namespace tiercel::tests
