#include "large_body.h"

namespace tiercel::tests {
namespace {

TEST(LargeBodySlow, FourHundredMegabytes) { post_large_body(400); }

}  // namespace
}  // namespace tiercel::tests
