//! `[frr]`: the way out.

use crate::config::code::E0360;
use crate::config::reader::Table;

const HINT: &str = "FRR reads it line by line; keep to text, blanks and line ends";

/// `[frr] extra-file`: the text appended to frr.conf, its lines without control characters.
pub(in crate::config) fn decode(document: &mut Table<'_, '_>) -> Option<String> {
    let mut table = document.table("frr")?;
    let file = table.value("extra-file");
    let text = file.and_then(|file| file.lines_of_file(E0360, HINT));
    table.finish();
    text
}
