//! `[frr]`: the way out.

use super::code::E0360;
use super::reader::Table;

const HINT: &str = "FRR reads it line by line; keep to text, blanks and line ends";

/// `[frr] extra-file`: the text appended to frr.conf, its lines without control characters.
pub(super) fn decode(document: &mut Table<'_, '_>) -> Option<String> {
    let mut table = document.table("frr")?;
    let file = table.value("extra-file");
    let text = file.and_then(|file| file.lines_of_file(E0360, HINT));
    table.finish();
    text
}
