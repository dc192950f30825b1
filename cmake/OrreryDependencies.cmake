# The libraries that Orrery stands on, all found here so that their targets are known in every
# folder. The same list is installed: find_package(orrery) finds them again.
# xxHash (xxhash.h with XXH_INLINE_ALL) and libfccp are headers in the compiler's own path.
set(ORRERY_DEPENDENCIES
  "Threads"
  "fmt"
  "nlohmann_json"
  "tl-expected"
  "Boost 1.74"
  "spdlog"
  "CLI11"
  "SQLite3"
  "SQLiteCpp"
  "ZLIB"
  "zstd")
foreach(dependency IN LISTS ORRERY_DEPENDENCIES)
  string(REPLACE " " ";" dependency "${dependency}")
  find_package(${dependency} REQUIRED)
endforeach()
