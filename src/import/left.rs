//! What was not imported, and why; no secret is in it.

use super::document::Place;
use std::fmt;

/// Why a statement has no place in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The router could do it, but its document has no key for it yet.
    NotYet,
    /// There is no such thing on this router, and what takes its place, if anything does.
    Foreign(&'static str),
    /// Nobody here knows the statement.
    Unknown,
    /// Anything else, as a sentence without its end.
    Because(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotYet => f.write_str("not in this version"),
            Self::Foreign("") => f.write_str("no such thing on this router"),
            Self::Foreign(instead) => write!(f, "no such thing on this router: {instead}"),
            Self::Unknown => f.write_str("this import does not know the statement"),
            Self::Because(why) => f.write_str(why),
        }
    }
}

/// Why a log server cannot be told how much it gets.
pub(super) const ALL_IS_SENT: &str = "messages of every severity are sent to it here";

/// A statement that was not imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Where it stands.
    pub place: Place,
    /// The statement, without what it may keep secret.
    pub statement: String,
    /// Why.
    pub why: Why,
}

/// Words that a secret may follow, as parts of a word.
const BEFORE_SECRETS: [&str; 10] = [
    "passw",
    "passphrase",
    "secret",
    "key",
    "md5",
    "auth",
    "encrypt",
    "snmp",
    "credential",
    "token",
];

/// The longest statement that is shown, in characters.
pub(super) const LONGEST: usize = 160;

/// A statement up to where a secret may begin, on one line.
///
/// Secrets are recognised by the words in front of them and by the way Junos and crypt(3) mark them (`$9$…`): what this
/// import does not know may have one as well.
pub(super) fn without_secrets(statement: &str) -> String {
    let mut shown = String::new();
    for word in statement.split_whitespace() {
        let plain = word.trim_matches(['"', '\'', ',', ';', ':', '{']);
        if plain.starts_with('$') {
            shown.push_str(" (hidden)");
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.extend(word.chars().map(|c| if c.is_control() { '?' } else { c }));
        let lower = plain.to_ascii_lowercase();
        if BEFORE_SECRETS.iter().any(|mark| lower.contains(mark)) {
            // The rest of it may be the secret, or the beginning of one.
            shown.push_str(" (hidden)");
            break;
        }
        if shown.len() > LONGEST {
            break;
        }
    }
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::without_secrets;

    #[test]
    fn nothing_after_a_word_that_announces_a_secret_is_shown() {
        for line in [
            "neighbor 192.0.2.1 password hunter2",
            "ip ospf message-digest-key 1 md5 hunter2",
            "set system root-authentication encrypted-password \"$6$hunter2\"",
            "authentication-key \"$9$hunter2\"; ## SECRET-DATA",
            "\"passwd\": \"hunter2\"",
            "snmp-server community hunter2 ro",
            "unheard of $9$hunter2",
        ] {
            let shown = without_secrets(line);
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(shown.ends_with("(hidden)"), "{shown}");
        }
        assert_eq!(without_secrets(" match  as-path\tX "), "match as-path X");
    }

    #[test]
    fn a_statement_is_one_short_line() {
        let long = "x\u{1b}[31m ".repeat(10_000);
        let shown = without_secrets(&long);
        assert!(
            shown.chars().count() <= 161 && !shown.contains('\u{1b}'),
            "{shown}"
        );
    }
}
