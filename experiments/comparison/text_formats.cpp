#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "orrery/experiments/comparison/formats.hpp"

namespace orrery::experiments {
namespace {

constexpr std::size_t kColumns = 8;
using Cells = std::array<std::string, kColumns>;

Cells cells_of(const PrintedRow& row) {
  return {row.rank,
          row.variant,
          row.count,
          row.mean,
          row.interval,
          row.difference,
          row.difference_interval,
          row.verdict};
}

Cells headings(const MetricComparison& metric) {
  return {
      "rank",          "variant",       "n",
      "mean",          "95 % interval", fmt::format("difference to {}", common_baseline(metric)),
      "95 % interval", "verdict"};
}

/// Characters, not bytes: the cells hold a few that take several bytes in UTF-8.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string padded(const std::string& text, std::size_t width, bool is_left) {
  const std::string space(width - std::min(width, width_of(text)), ' ');
  return is_left ? text + space : space + text;
}

std::string aligned(const std::vector<Cells>& lines) {
  std::array<std::size_t, kColumns> widths{};
  for (const Cells& cells : lines) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], width_of(cells[i]));
  }
  std::string text;
  for (const Cells& cells : lines) {
    std::string line = " ";
    for (std::size_t i = 0; i < kColumns; ++i) {
      const bool is_left = i == 1 || i == 7;
      line += " " + padded(cells[i], widths[i], is_left) + " ";
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

/// "_", "%", "&", "#" and "$" mean something to LaTeX.
std::string latex_escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view("_%&#${}").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string latex_cell(const std::string& cell) {
  std::string text = latex_escaped(cell);
  for (std::size_t at = 0; (at = text.find("…", at)) != std::string::npos;) {
    text.replace(at, std::string_view("…").size(), "\\ldots{}");
  }
  for (std::size_t at = 0; (at = text.find("–", at)) != std::string::npos;) {
    text.replace(at, std::string_view("–").size(), "--");
  }
  return text;
}

}  // namespace

std::string to_table(const Comparison& comparison) {
  std::string text = fmt::format("{}\n", comparison.experiment);
  for (const MetricComparison& metric : comparison.metrics) {
    std::vector<Cells> lines = {headings(metric)};
    for (const PrintedRow& row : printed_rows(metric)) lines.push_back(cells_of(row));
    text += fmt::format("\n{}\n{}", title_of(metric), aligned(lines));
  }
  for (const std::string& note : comparison.notes) text += fmt::format("\nNote: {}\n", note);
  return text;
}

std::string to_markdown(const Comparison& comparison) {
  std::string text = fmt::format("# {}\n", comparison.experiment);
  for (const MetricComparison& metric : comparison.metrics) {
    text += fmt::format("\n## {}\n\n|", title_of(metric));
    for (const std::string& heading : headings(metric)) text += fmt::format(" {} |", heading);
    text += "\n|---:|:---|---:|---:|---:|---:|---:|:---|\n";
    for (const PrintedRow& row : printed_rows(metric)) {
      text += "|";
      for (const std::string& cell : cells_of(row)) text += fmt::format(" {} |", cell);
      text += "\n";
    }
  }
  for (const std::string& note : comparison.notes) text += fmt::format("\n> {}\n", note);
  return text;
}

std::string to_latex(const Comparison& comparison) {
  std::string text = fmt::format("% {}; needs the booktabs package\n", comparison.experiment);
  for (const MetricComparison& metric : comparison.metrics) {
    text += fmt::format(
        "\\begin{{table}}\n\\caption{{{}}}\n\\begin{{tabular}}{{rlrrrrrl}}\n\\toprule\n",
        latex_escaped(title_of(metric)));
    const auto add_line = [&](const Cells& cells) {
      for (std::size_t i = 0; i < kColumns; ++i) {
        text += (i == 0 ? "" : " & ") + latex_cell(cells[i]);
      }
      text += " \\\\\n";
    };
    add_line(headings(metric));
    text += "\\midrule\n";
    for (const PrintedRow& row : printed_rows(metric)) add_line(cells_of(row));
    text += "\\bottomrule\n\\end{tabular}\n\\end{table}\n";
  }
  return text;
}

}  // namespace orrery::experiments
