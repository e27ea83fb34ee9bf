#include "content_type.h"

#include <gtest/gtest.h>

namespace tiercel::source {
namespace {

TEST(ContentType, RefusesOnlyWhatIsPlainlySomethingElse) {
  struct Case {
    const char* type;
    bool want;
  };
  for (const Case& c : {
           Case{"application/json", true},
           Case{"application/json; charset=utf-8", true},
           Case{"APPLICATION/JSON", true},
           Case{"application/vnd.kubernetes.audit+json", true},
           Case{"application/x-ndjson", true},
           Case{"application/octet-stream", true},
           Case{"text/plain", true},
           Case{"text/json", true},
           Case{"", true},
           Case{"  ", true},
           Case{";", true},
           Case{"/", true},
           Case{"nonsense", true},
           Case{"multipart", true},
           Case{"text/html", false},
           Case{" Text/HTML ; charset=utf-8", false},
           Case{"multipart/form-data; boundary=x", false},
           Case{"application/x-www-form-urlencoded", false},
           Case{"application/xml", false},
           Case{"text/xml", false},
           Case{"image/png", false},
           Case{"video/mp4", false},
       }) {
    EXPECT_EQ(may_be_batch(c.type), c.want) << "'" << c.type << "'";
  }
}

}  // namespace
}  // namespace tiercel::source
