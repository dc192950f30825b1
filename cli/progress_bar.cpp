#include "orrery/cli/progress_bar.hpp"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>

#include "orrery/cli/output.hpp"

namespace orrery::cli {
namespace {

std::string clock_text(double seconds) {
  const auto whole = std::lround(seconds);
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::string bar_of(const experiments::Progress& progress) {
  constexpr std::size_t kWidth = 24;
  const std::size_t filled = progress.total == 0 ? kWidth : kWidth * progress.done / progress.total;
  return std::string(filled, '#') + std::string(kWidth - filled, '.');
}

}  // namespace

ProgressBar::ProgressBar(bool is_terminal, bool is_quiet)
    : is_terminal_(is_terminal), is_quiet_(is_quiet) {}

std::string ProgressBar::text(const experiments::Progress& progress) {
  std::string text = fmt::format("{}/{} runs", progress.done, progress.total);
  if (const auto left = progress.remaining_seconds()) {
    text += fmt::format(", {:.3g}/s, {} left", progress.rate(), clock_text(*left));
  }
  if (progress.failed > 0) text += fmt::format(", {} failed", progress.failed);
  return text;
}

void ProgressBar::show(const experiments::Progress& progress) {
  if (is_quiet_ || progress.total == 0) return;
  if (is_terminal_) {
    const std::string line = fmt::format("\r\033[K[{}] {}", bar_of(progress), text(progress));
    std::fwrite(line.data(), 1, line.size(), stderr);
    is_drawn_ = true;
    return;
  }
  constexpr double kSeconds = 2;
  if (progress.done == last_done_ || progress.elapsed_seconds - last_seconds_ < kSeconds) return;
  last_seconds_ = progress.elapsed_seconds;
  last_done_ = progress.done;
  note(text(progress));
}

void ProgressBar::finish() {
  if (is_drawn_) note("");
  is_drawn_ = false;
}

}  // namespace orrery::cli
