#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "rules_support.h"

namespace tiercel::rules {
namespace {

namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class RulesFiles : public ::testing::Test {
 protected:
  RulesFiles() {
    std::string name = (fs::temp_directory_path() / "tiercel-rules-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RulesFiles() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  std::string write(const std::string& name, const std::string& content) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
    return path.string();
  }
  // "name=content" of each file read, then the codes.
  std::string read(const std::vector<std::string>& paths, bool missing_is_error = true) {
    base::Diagnostics diagnostics;
    std::string out;
    for (const RulesFile& file : read_rules_files(paths, missing_is_error, diagnostics)) {
      out += fs::path(file.path).filename().string() + "=" + file.content + " ";
    }
    for (const base::Diagnostic& diagnostic : diagnostics.list()) {
      out += diagnostic.code + "@" + fs::path(diagnostic.location.file).filename().string() + " ";
    }
    return out;
  }

  fs::path folder_;
};

TEST_F(RulesFiles, KeepTheOrderGiven) {
  EXPECT_EQ(read({write("b.yaml", "1"), write("a.yml", "2")}), "b.yaml=1 a.yml=2 ");
}

TEST_F(RulesFiles, OfAFolderAreSortedAndNotRecursive) {
  write("d/b.yaml", "1");
  write("d/a.yaml", "2");
  write("d/sub/c.yaml", "3");
  write("d/notes.txt", "4");
  EXPECT_EQ(read({(folder_ / "d").string()}), "a.yaml=2 b.yaml=1 file_ignored@notes.txt ");
}

TEST_F(RulesFiles, OfAnotherSuffixAreIgnoredAloud) {
  EXPECT_EQ(read({write("rules.txt", "1")}), "file_ignored@rules.txt ");
}

TEST_F(RulesFiles, NamedLikeTheStockRulesAreRead) {
  EXPECT_EQ(read({write("k8s_audit_rules.yaml", "1")}), "k8s_audit_rules.yaml=1 ");
}

TEST_F(RulesFiles, ThatAreMissingAreAnErrorOrSkipped) {
  const std::string path = (folder_ / "no.yaml").string();
  EXPECT_EQ(read({path}), "missing_file@no.yaml ");
  EXPECT_EQ(read({path}, false), "file_skipped@no.yaml ");
}

TEST_F(RulesFiles, BehindLinksAreRead) {
  write("data/a.yaml", "1");
  fs::create_directories(folder_ / "d");
  fs::create_symlink(folder_ / "data/a.yaml", folder_ / "d/a.yaml");
  fs::create_symlink(folder_ / "nowhere", folder_ / "d/b.yaml");
  EXPECT_EQ(read({(folder_ / "d").string()}), "a.yaml=1 ");
}

TEST_F(RulesFiles, ThatAreTooLargeAreRefused) {
  const std::string path = write("big.yaml", "");
  fs::resize_file(path, (std::uintmax_t{64} << 20U) + 1);
  EXPECT_EQ(read({path}), "rules_too_large@big.yaml ");
}

TEST_F(RulesFiles, MayHoldAnyBytes) {
  const std::string content("a\0\xFF\r\n", 5);
  base::Diagnostics diagnostics;
  const auto files = read_rules_files({write("a.yaml", content)}, true, diagnostics);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_EQ(files[0].content, content);
}

}  // namespace
}  // namespace tiercel::rules
