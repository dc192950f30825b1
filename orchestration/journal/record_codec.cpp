#include "orrery/orchestration/journal/record_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "orrery/models/check.hpp"
#include "orrery/orchestration/journal/record_fields.hpp"

namespace orrery::orchestration {
namespace {

using fields::KindList;
using fields::Kinds;

template <class T>
concept Enumeration = std::is_enum_v<T>;

/// Writes one field after another.
class Encoder {
 public:
  explicit Encoder(std::string& bytes) : bytes_(bytes) {}

  void operator()(bool value) { bytes_.unsigned_integer(value ? 1 : 0); }
  template <std::unsigned_integral T>
  void operator()(T value) {
    bytes_.unsigned_integer(value);
  }
  template <std::signed_integral T>
  void operator()(T value) {
    bytes_.signed_integer(value);
  }
  template <Enumeration T>
  void operator()(T value) {
    bytes_.unsigned_integer(static_cast<std::uint64_t>(value));
  }
  void operator()(const std::string& text) { bytes_.text(text); }
  void operator()(Time instant) { bytes_.signed_integer(instant.time_since_epoch().count()); }
  void operator()(Duration span) { bytes_.signed_integer(span.count()); }
  void operator()(GpuDeviceMask devices) { bytes_.unsigned_integer(devices.bits()); }
  template <class Tag>
  void operator()(Quantity<Tag> amount) {
    bytes_.signed_integer(amount.count());
  }
  template <class Tag>
  void operator()(Id<Tag> id) {
    bytes_.unsigned_integer(id.is_none() ? 0 : std::uint64_t{id.index()} + 1);
  }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    bytes_.unsigned_integer(list.size());
    for (const T& element : list) (*this)(element);
  }
  template <class T, class Less>
  void operator()(const std::map<std::string, T, Less>& map) {
    bytes_.unsigned_integer(map.size());
    for (const auto& [key, value] : map) (*this)(key), (*this)(value);
  }
  template <class T>
  void operator()(const std::shared_ptr<const T>& shared) {
    ORRERY_CHECK(shared != nullptr, "a change without its content");
    (*this)(*shared);
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(const T& row) { fields::each(row, *this); }

 private:
  ByteWriter bytes_;
};

/// Reads the fields in the same order, and refuses values that Encoder cannot have written.
class Decoder {
 public:
  explicit Decoder(ByteReader& bytes) : bytes_(bytes) {}

  void operator()(bool& value) { value = below(2, "a flag that is neither 0 nor 1") == 1; }
  template <std::unsigned_integral T>
  void operator()(T& value) {
    value = narrow<T>(bytes_.unsigned_integer());
  }
  template <std::signed_integral T>
  void operator()(T& value) {
    value = narrow<T>(bytes_.signed_integer());
  }
  template <Enumeration T>
  void operator()(T& value) {
    constexpr auto kCount = static_cast<std::uint64_t>(fields::kLast<T>) + 1;
    value = static_cast<T>(below(kCount, "an unknown value of an enumeration"));
  }
  void operator()(std::string& text) { text = bytes_.text(); }
  void operator()(Time& instant) { instant = Time{Duration{bytes_.signed_integer()}}; }
  void operator()(Duration& span) { span = Duration{bytes_.signed_integer()}; }
  void operator()(GpuDeviceMask& devices) {
    devices = GpuDeviceMask{narrow<std::uint16_t>(bytes_.unsigned_integer())};
  }
  template <class Tag>
  void operator()(Quantity<Tag>& amount) {
    amount = Quantity<Tag>{bytes_.signed_integer()};
  }
  template <class Tag>
  void operator()(Id<Tag>& id) {
    constexpr std::uint64_t kCount = std::uint64_t{Id<Tag>::kNone} + 1;
    const std::uint64_t number = below(kCount, "an id of more than 32 bits");
    id = number == 0 ? Id<Tag>{} : Id<Tag>{static_cast<std::uint32_t>(number - 1)};
  }
  template <class T>
  void operator()(std::optional<T>& value) {
    bool is_there = false;
    (*this)(is_there);
    if (is_there) (*this)(value.emplace());
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    const std::size_t length = bytes_.length();
    for (std::size_t i = 0; i < length && bytes_.error() == nullptr; ++i) {
      (*this)(list.emplace_back());
    }
  }
  template <class T, class Less>
  void operator()(std::map<std::string, T, Less>& map) {
    const std::size_t length = bytes_.length();
    for (std::size_t i = 0; i < length && bytes_.error() == nullptr; ++i) {
      std::string key;
      (*this)(key);
      if (!map.empty() && map.rbegin()->first >= key) {
        return bytes_.fail("the keys of a map are not in ascending order");
      }
      (*this)(map[key]);
    }
  }
  template <class T>
  void operator()(std::shared_ptr<const T>& shared) {
    T value;
    (*this)(value);
    shared = std::make_shared<const T>(std::move(value));
  }
  template <class T>
  requires std::is_class_v<T>
  void operator()(T& row) { fields::each(row, *this); }

 private:
  std::uint64_t below(std::uint64_t limit, const char* error) {
    const std::uint64_t value = bytes_.unsigned_integer();
    if (value < limit) return value;
    bytes_.fail(error);
    return 0;
  }
  template <class T, class Wide>
  T narrow(Wide value) {
    if (std::in_range<T>(value)) return static_cast<T>(value);
    bytes_.fail("an integer that is too large for its field");
    return 0;
  }

  ByteReader& bytes_;
};

template <class T, class... AllKinds>
consteval std::uint8_t number_of(KindList<AllKinds...> /*kinds*/) {
  return static_cast<std::uint8_t>(
      ((std::is_same_v<T, typename AllKinds::Type> ? AllKinds::kNumber : 0) + ...));
}

template <class T>
void put(const T& what, Duration since, std::string& bytes) {
  constexpr std::uint8_t kNumber = number_of<T>(Kinds{});
  static_assert(kNumber > 0, "every kind of record has a number");
  Encoder encoder{bytes};
  encoder(kNumber);
  encoder(since);
  encoder(what);
}

template <class... Alternatives>
void put(const std::variant<Alternatives...>& choice, Duration since, std::string& bytes) {
  std::visit([&](const auto& what) { put(what, since, bytes); }, choice);
}

template <class T>
JournalRecord::Entry take(ByteReader& bytes) {
  T what{};
  Decoder{bytes}(what);
  if constexpr (std::is_constructible_v<StateChange, T>) {
    return StateChange{std::move(what)};
  } else if constexpr (std::is_constructible_v<Decision, T>) {
    return Decision{std::move(what)};
  } else {
    return what;
  }
}

template <class... AllKinds>
JournalRecord::Entry take(std::uint64_t number, ByteReader& bytes,
                          KindList<AllKinds...> /*kinds*/) {
  JournalRecord::Entry entry;
  const bool is_known =
      ((number == AllKinds::kNumber && (entry = take<typename AllKinds::Type>(bytes), true)) ||
       ...);
  if (!is_known) bytes.fail("a record of an unknown kind");
  return entry;
}

std::int64_t count(Time instant) { return instant.time_since_epoch().count(); }

/// A clock that was set back, or one read from any bytes, must not overflow.
Duration between(Time from, Time to) {
  return Duration{static_cast<std::int64_t>(static_cast<std::uint64_t>(count(to)) -
                                            static_cast<std::uint64_t>(count(from)))};
}

Time after(Time from, Duration span) {
  return Time{Duration{static_cast<std::int64_t>(static_cast<std::uint64_t>(count(from)) +
                                                 static_cast<std::uint64_t>(span.count()))}};
}

}  // namespace

void encode(const JournalRecord& record, Time previous, std::string& bytes) {
  put(record.entry, between(previous, record.at), bytes);
}

JournalRecord decode(ByteReader& bytes, Time previous) {
  const std::uint64_t number = bytes.unsigned_integer();
  const Duration since{bytes.signed_integer()};
  return {.at = after(previous, since), .entry = take(number, bytes, Kinds{})};
}

}  // namespace orrery::orchestration
