// What is rotated just while it is looked for. The sinks are called on the source's thread, between
// two of its steps: there the log of another path is rotated.
#include "file_source_fixture.h"

namespace tiercel::source {
namespace {

class RotationRace : public FileSourceTest {
 protected:
  [[nodiscard]] std::string first() const { return dir_.path("a.log"); }
  [[nodiscard]] std::string second() const { return dir_.path("b.log"); }

  [[nodiscard]] FileSourceOptions both() const {
    FileSourceOptions both = options();
    both.paths = {first(), second()};
    return both;
  }
  void write(const std::string& path, int count) {
    std::ofstream file(path, std::ios::app);
    for (int at = 0; at < count; ++at) {
      file << line(next_++) << "\n";
    }
  }
  // Calls `then` once: with the first trouble, or with the first place that is stored.
  std::unique_ptr<FileSource> source_that(const FileSourceOptions& options, bool at_trouble,
                                          const std::function<void()>& then) {
    auto once = std::make_shared<std::function<void()>>(then);
    const auto call = [once](bool is_now) {
      if (is_now && *once) {
        std::exchange(*once, {})();
      }
    };
    auto made = std::make_unique<FileSource>(
        options,
        FileSource::Sinks{[this, call, at_trouble](const Batch& batch) {
                            call(!at_trouble && batch.size == 0);
                            return taker_.take(batch);
                          },
                          [this](const BadPiece& piece) { taker_.note(piece.input.code); },
                          [this, call, at_trouble](const Trouble& trouble) {
                            taker_.note(trouble.code);
                            call(at_trouble);
                          }},
        taker_.positions(), clock_, metrics_);
    EXPECT_TRUE(made->start());
    return made;
  }
};

// The list of the folder was made for the first one, and no name of it is gone.
TEST_F(RotationRace, WhatIsRotatedWhilePlacesAreResumedIsNotLost) {
  write(first(), 5);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  write(second(), 5);
  {
    auto following = source(both());
    ASSERT_TRUE(taker_.has(10));
    EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  }
  fs::remove(first());
  write(second(), 3);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::string next = line(next_++) + "\n";
  const auto rotate = [this, next] {
    fs::rename(second(), dir_.path("b-2026-01-02T03-04-05.000.log"));
    std::ofstream(second()) << next;
  };
  auto following = source_that(both(), true, rotate);
  expect_each_once();
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  EXPECT_EQ(taker_.notes(), "source_lost ") << "of the first alone";
  EXPECT_EQ(metrics_.value(base::Metric::kFileSourceLost), 1U);
}

// Events of before the first look are none to alert on: neither in a file whose listed name is
// gone, nor in one whose listed name has the next one by then.
TEST_F(RotationRace, WhatIsRotatedAtTheFirstLookCountsAsRead) {
  write(first(), 1);
  write(second(), 1);
  for (const int number : {1, 2, 3}) {
    write(second() + "." + std::to_string(number), 3);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  FileSourceOptions at_the_end = both();
  at_the_end.from_beginning = false;
  const auto rotate = [this] {
    fs::rename(second() + ".3", second() + ".4");
    fs::rename(second() + ".2", second() + ".3");
    fs::rename(second() + ".1", second() + ".2");
  };
  auto following = source_that(at_the_end, false, rotate);
  ASSERT_TRUE(wait_until([this] { return is_followed(second()); }));
  const int old = next_;
  write(second(), 2);
  EXPECT_TRUE(taker_.has(2));
  // Now they are looked at as what was rotated since.
  fs::rename(second(), second() + ".1");
  write(second(), 2);
  EXPECT_TRUE(taker_.has(4));
  EXPECT_TRUE(following->stop(std::chrono::seconds(10)));
  for (const auto& [number, count] : taker_.lines()) {
    EXPECT_GE(number, old);
    EXPECT_EQ(count, 1) << number;
  }
}

}  // namespace
}  // namespace tiercel::source
