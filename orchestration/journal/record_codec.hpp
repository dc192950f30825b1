#pragma once

#include <string>

#include "orrery/models/units.hpp"
#include "orrery/orchestration/journal/byte_codec.hpp"
#include "orrery/orchestration/journal/journal_record.hpp"

namespace orrery::orchestration {

/// Appends `record` to `bytes` as docs/journal-format.md lays it out: its kind, the time since
/// `previous`, its fields. Equal records give equal bytes.
void encode(const JournalRecord& record, Time previous, std::string& bytes);

/// The record that begins at the reader's position. When bytes.error() is set afterwards, the bytes
/// are not what encode() writes and the record means nothing.
[[nodiscard]] JournalRecord decode(ByteReader& bytes, Time previous);

}  // namespace orrery::orchestration
