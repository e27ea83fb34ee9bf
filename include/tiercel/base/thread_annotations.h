#pragma once

// Clang's thread-safety annotations; nothing with other compilers.
// clang builds with -Werror=thread-safety.
// NOLINTBEGIN(cppcoreguidelines-macro-usage): an attribute cannot come from a function.
#if defined(__clang__)
#define TIERCEL_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define TIERCEL_THREAD_ATTRIBUTE(x)
#endif

#define TIERCEL_CAPABILITY(x) TIERCEL_THREAD_ATTRIBUTE(capability(x))
#define TIERCEL_SCOPED_CAPABILITY TIERCEL_THREAD_ATTRIBUTE(scoped_lockable)
#define TIERCEL_GUARDED_BY(x) TIERCEL_THREAD_ATTRIBUTE(guarded_by(x))
#define TIERCEL_REQUIRES(...) TIERCEL_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define TIERCEL_EXCLUDES(...) TIERCEL_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define TIERCEL_ACQUIRE(...) TIERCEL_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TIERCEL_RELEASE(...) TIERCEL_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
// NOLINTEND(cppcoreguidelines-macro-usage)
