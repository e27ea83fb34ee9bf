// One poisoned event must not blind us to the 399 others of its batch.
#include <ostream>

#include <gtest/gtest.h>

#include "harness.h"

namespace tiercel::tests {
namespace {

struct Poison {
  const char* name;
  std::string item;
  std::string code;  ///< as which it is quarantined; empty where it is evaluated, as by Falco
  /// The same for a batch's last item, where that differs.
  std::string code_at_end{};
};

void PrintTo(const Poison& poison, std::ostream* out) { *out << poison.name; }

std::vector<Poison> poisons() {
  const auto with = [](const std::string& value) {
    return small_event("poisoned", ",\"requestObject\":{\"x\":" + value + "}");
  };
  std::string wrong_kind = small_event("poisoned");
  wrong_kind.replace(wrong_kind.find("\"Event\""), 7, "\"Pod\"");
  return {
      {"LoneSurrogate", with(R"("\ud800")"), ""},
      {"HugeExponent", with("1e999"), ""},
      {"ThirtyDigits", with("123456789012345678901234567890"), ""},
      {"NotANumber", with("NaN"), ""},
      {"UnknownEscape", with(R"("\q")"), ""},
      {"RawControlByte", with("\"a\x01z\""), ""},
      {"InvalidUtf8", with("\"a\xff\xfez\""), ""},
      // At the end it takes the end of the list with it.
      {"UnclosedString", with("\"abc"), "not_json", "truncated"},
      {"BrokenLiteral", with(R"({"a":tru})"), "not_json"},
      {"MissingComma", with(R"(1 "y":2)"), "not_json"},
      {"SixHundredDeep", with(std::string(600, '[') + std::string(600, ']')), "too_deep"},
      {"WrongKind", wrong_kind, "wrong_kind"},
      {"NumberAsItem", "42", "wrong_kind"},
  };
}

class PoisonedItem : public testing::TestWithParam<Poison> {};

TEST_P(PoisonedItem, CostsNoOtherEventAndIsItselfAccountedFor) {
  const support::TempDir folder;
  const Lines rules{shipped_rules(), folder.write("every.yaml", every_event_rule())};
  for (const std::size_t place : {0U, 200U, 399U}) {
    SCOPED_TRACE("item " + std::to_string(place));
    // The other items are the same each time: a daemon that knew them would tell of none.
    AuditDaemon daemon(rules);
    ASSERT_NE(daemon.port(), 0) << daemon.process().log();
    std::map<std::string, int> kept;
    Lines items(bulk().begin() + 1000, bulk().begin() + 1400);
    items[place] = GetParam().item;
    EXPECT_EQ(daemon.post(event_list(items)), 200);

    Lines others = items;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(place));
    Lines actual = daemon.new_alerts();
    const std::size_t of_poisoned = std::erase_if(actual, [](const std::string& alert) {
      return output_field(alert, "ka.auditid") == "poisoned";
    });
    expect_same_lines(actual, replayed(rules, others));

    EXPECT_EQ(of_poisoned, GetParam().code.empty() ? 1U : 0U);
    const bool is_other = place == 399 && !GetParam().code_at_end.empty();
    if (!GetParam().code.empty()) {
      ++kept[is_other ? GetParam().code_at_end : GetParam().code];
    }
    EXPECT_EQ(daemon.quarantined(), kept);
    EXPECT_TRUE(support::wait_until([&] { return daemon.own_alerts().size() == kept.size(); }));
    EXPECT_TRUE(daemon.is_healthy());
  }
}

INSTANTIATE_TEST_SUITE_P(All, PoisonedItem, testing::ValuesIn(poisons()),
                         [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace tiercel::tests
