//! Rows as columns, and numbers as people say them.

/// The rows, indented, each column as wide as its widest cell; without blanks at the end of a line.
pub fn columns(indent: &str, rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let line: String = cells.map(|(cell, width)| format!("{cell:<width$}  ")).collect();
        format!("{indent}{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

/// A row of these cells.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// Seconds in the two largest units: `3 d 4 h`, `5 min 2 s`.
pub fn duration(seconds: u64) -> String {
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let from = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let shown = parts.iter().skip(from).take(2).filter(|(count, _)| *count > 0);
    let words: Vec<String> = shown.map(|(count, unit)| format!("{count} {unit}")).collect();
    match words.is_empty() {
        true => "0 s".to_owned(),
        false => words.join(" "),
    }
}

/// Bytes in the largest unit that leaves at least one: `74.5 MiB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / *unit as f64),
        None => format!("{bytes} B"),
    }
}

/// Megabits per second: `2.5 Gbit/s`, `100 Mbit/s`.
pub fn speed(megabits: u64) -> String {
    match (megabits, megabits % 1000) {
        (0..1000, _) => format!("{megabits} Mbit/s"),
        (_, 0) => format!("{} Gbit/s", megabits / 1000),
        _ => format!("{:.1} Gbit/s", megabits as f64 / 1000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(62), "1 min 2 s");
        assert_eq!(duration(86_400 * 3 + 3600 * 4 + 59), "3 d 4 h");
        assert_eq!(duration(86_400 + 60), "1 d");
        assert_eq!(
            (size(512), size(78_152_466)),
            ("512 B".to_owned(), "74.5 MiB".to_owned())
        );
        assert_eq!(
            [100, 1000, 2500, 25_000].map(speed),
            ["100 Mbit/s", "1 Gbit/s", "2.5 Gbit/s", "25 Gbit/s"]
        );
    }

    #[test]
    fn a_column_is_as_wide_as_its_widest_cell() {
        let rows = [row(["a", "bb", ""]), row(["ccc", "", ""]), vec!["d".to_owned()]];
        assert_eq!(columns("  ", &rows), "  a    bb\n  ccc\n  d\n");
    }
}
