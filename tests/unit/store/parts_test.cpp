#include <gtest/gtest.h>

#include "cursors.h"
#include "schema.h"
#include "segment.h"
#include "store_fixture.h"

namespace tiercel::store {
namespace {

TEST(Schema, NamesOfSegmentsAreReadAsTheyWereWritten) {
  EXPECT_EQ(segment_name(7), "alerts-0000000007.db");
  EXPECT_EQ(segment_number(segment_name(4'294'967'295U)), 4'294'967'295U);
  for (const char* name :
       {"alerts-0000000000.db", "alerts-7.db", "alerts-0000000007.db-wal",
        "new-alerts-0000000007.db", "alerts-00000000x7.db", "lock", "", "alerts-9999999999.db"}) {
    EXPECT_FALSE(segment_number(name)) << name;
  }
  EXPECT_EQ(number_in_name("damaged-alerts-0000000012.db-wal"), 12U);
  EXPECT_EQ(number_in_name("new-alerts-0000000013.db"), 13U);
  EXPECT_EQ(number_in_name("alerts-0000000013"), 0U);
}

TEST(IdRange, EnclosesWhatWasAddedAndAsksForUntimedIdsOnlyWhereThereAreSome) {
  IdRange range;
  EXPECT_FALSE(range.may_hold(make_id(5, 1)));
  range.add(make_id(5, 1));
  range.add(make_id(9, 1));
  EXPECT_TRUE(range.may_hold(make_id(5, 1)));
  EXPECT_TRUE(range.may_hold(make_id(7, 3)));
  EXPECT_FALSE(range.may_hold(make_id(5, 0)));
  EXPECT_FALSE(range.may_hold(make_id(9, 2)));
  EXPECT_FALSE(range.may_hold(make_id(0, 1)));
  range.add(make_id(0, 8));
  EXPECT_TRUE(range.may_hold(make_id(0, 1)));
  EXPECT_FALSE(range.may_hold(make_id(4, 1)));
}

TEST(CursorsTest, RowsAreJoinedByTheHighestAndToldOnce) {
  Cursors cursors;
  cursors.add_output("a");
  cursors.add_output("b");
  cursors.join("a", 3, 10);
  cursors.join("a", 3, 7);
  cursors.join("nobody", 3, 7);
  EXPECT_EQ(cursors.row("a", 3), 10U);
  EXPECT_EQ(cursors.row("b", 3), 0U);
  EXPECT_EQ(cursors.least_row(3), 0U);
  EXPECT_EQ(cursors.take_changes(), (std::vector<CursorRow>{{"a", 3, 10}}));
  EXPECT_FALSE(cursors.has_changes());
  cursors.join("a", 3, 9);
  EXPECT_FALSE(cursors.has_changes());
  cursors.put_back({{"a", 3, 10}});
  cursors.join("a", 3, 12);
  EXPECT_EQ(cursors.take_changes(), (std::vector<CursorRow>{{"a", 3, 12}}));
  cursors.begin_segment(4);
  EXPECT_EQ(cursors.all(), (std::vector<CursorRow>{{"a", 3, 12}, {"a", 4, 0}, {"b", 4, 0}}));
  cursors.join("b", 3, kWholeSegment);
  cursors.forget_segment(3);
  EXPECT_FALSE(cursors.has_changes());
  EXPECT_EQ(cursors.all(), (std::vector<CursorRow>{{"a", 4, 0}, {"b", 4, 0}}));
}

}  // namespace
}  // namespace tiercel::store
