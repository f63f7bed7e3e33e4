//! What each target grammar accepts as a word or as a phrase: the second line of defence, behind the newtypes.
//!
//! A *word* is one token of the target. A *phrase* is free text, allowed only where the target reads the rest of
//! the line. Neither can end a line, start a comment, open a group or name a macro.

use crate::types::is_hostile;
use std::borrow::Cow;

/// The grammar of a program that reads our files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// VPP's startup.conf: words and groups in braces, no quoting; `#` starts a comment only where a word starts.
    VppStartup,
    /// Lines of VPP's CLI: no quoting, and what is left over in a line runs as a further command.
    VppCommands,
    /// frr.conf and vtysh.conf.
    Frr,
    /// YAML: every value becomes a double-quoted scalar.
    Yaml,
    /// nft's language.
    Nftables,
    /// systemd's unit and network files (systemd.syntax(7)).
    Ini,
    /// Lines of which a word or the rest is a value, without quotes: snmpd.conf(5), and the files of variables that units read.
    Line,
    /// Words between blanks: hosts(5), resolv.conf(5), and the file of variables FRR's scripts source.
    Plain,
}

/// Why a value may not be written.
pub(super) type Refusal = Cow<'static, str>;

/// The name under which minijinja hands the grammar of a template to the formatter.
const NAMES: [(Grammar, &str); 8] = [
    (Grammar::VppStartup, "vpp-startup"),
    (Grammar::VppCommands, "vpp-commands"),
    (Grammar::Frr, "frr"),
    (Grammar::Yaml, "yaml"),
    (Grammar::Nftables, "nftables"),
    (Grammar::Ini, "ini"),
    (Grammar::Line, "line"),
    (Grammar::Plain, "plain"),
];

impl Grammar {
    /// Its name.
    pub(super) fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(grammar, _)| *grammar == self)
            .map_or("plain", |(_, name)| name)
    }

    /// The grammar of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(grammar, _)| *grammar)
    }

    /// The text as one word of the grammar, quoted where the grammar quotes.
    pub(super) fn word(self, text: &str) -> Result<Cow<'_, str>, Refusal> {
        if text.is_empty() {
            return Err("is empty".into());
        }
        let punctuation = match self {
            Self::Yaml => return quoted(text).map(Cow::Owned),
            Self::Frr => return frr_word(text).map(|()| Cow::Borrowed(text)),
            // '@' marks a placeholder, ',' joins CPU ranges.
            Self::VppStartup => "._:/@-,",
            Self::VppCommands => "._:/@-+=",
            Self::Ini => "._:/@-,+*",
            Self::Line => "._:/-+=@!%^*~[]",
            Self::Nftables | Self::Plain => "._:/-",
        };
        match text
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !punctuation.contains(*c))
        {
            Some(c) => Err(unwelcome(c)),
            None => Ok(Cow::Borrowed(text)),
        }
    }

    /// The text as the rest of a line.
    pub(super) fn phrase(self, text: &str) -> Result<Cow<'_, str>, Refusal> {
        match self {
            Self::Frr => frr_phrase(text).map(|()| Cow::Borrowed(text)),
            Self::Line => rest_of_line(text).map(|()| Cow::Borrowed(text)),
            _ => self.word(text),
        }
    }

    /// Checks lines an operator wrote in this grammar (the `extra-…-file` keys); the error has the line's number.
    pub(super) fn lines(self, text: &str) -> Result<(), (usize, Refusal)> {
        let mut depth = 0_i32;
        for (index, line) in text.lines().enumerate() {
            let at = |refusal| (index + 1, refusal);
            if let Some(c) = line.chars().find(|c| *c != '\t' && is_hostile(*c)) {
                return Err(at(unwelcome(c)));
            }
            if self == Self::VppCommands && line.trim_start().starts_with("vpplog imp-") {
                return Err(at("is a marker that only imp writes".into()));
            }
            if self == Self::VppCommands && line.split_whitespace().any(|word| word == "private-key") {
                return Err(at(
                    "has a private key, which logs would show: write a tunnel of type \"wireguard\"".into(),
                ));
            }
            if matches!(self, Self::VppStartup | Self::VppCommands) && line.ends_with('\\') {
                return Err(at("joins the next line with '\\'".into()));
            }
            if self == Self::Frr && line.len() > LONGEST_FRR_LINE {
                return Err(at("is longer than 4095 bytes, FRR cuts it".into()));
            }
            if self == Self::VppStartup {
                depth += braces(line);
                if depth < 0 {
                    return Err(at("closes a brace that is not open".into()));
                }
                if line.len() > 4000 {
                    return Err(at("is longer than 4000 bytes, VPP cuts it".into()));
                }
            }
        }
        match depth {
            0 => Ok(()),
            _ => Err((text.lines().count(), "leaves a brace open".into())),
        }
    }
}

/// The longest line vtysh reads as one, in bytes without its end.
const LONGEST_FRR_LINE: usize = 4095;

/// How many braces a line of startup.conf opens more than it closes; a comment starts a token.
fn braces(line: &str) -> i32 {
    line.split_whitespace()
        .take_while(|token| !token.starts_with('#'))
        .flat_map(str::bytes)
        .map(|byte| match byte {
            b'{' => 1,
            b'}' => -1,
            _ => 0,
        })
        .sum()
}

/// The message about a forbidden character, spelled so that an invisible one can be seen.
fn unwelcome(c: char) -> Refusal {
    format!("contains {c:?} (U+{:04X})", u32::from(c)).into()
}

fn frr_word(text: &str) -> Result<(), Refusal> {
    if text.starts_with(['!', '#']) {
        return Err("starts a comment".into());
    }
    match text
        .chars()
        .find(|c| !c.is_ascii_graphic() || matches!(c, '|' | '?'))
    {
        Some(c) => Err(unwelcome(c)),
        None => Ok(()),
    }
}

/// FRR takes the rest of the line, except that "| " starts an output filter and cuts the text there (observed with 8.4).
fn frr_phrase(text: &str) -> Result<(), Refusal> {
    if text.trim() != text || text.is_empty() {
        return Err("is empty or has blanks at its ends".into());
    }
    if text.contains("| ") {
        return Err("contains '| ', where FRR cuts it off".into());
    }
    match text.chars().find(|c| is_hostile(*c)) {
        Some(c) => Err(unwelcome(c)),
        None => Ok(()),
    }
}

/// What reads the rest of a line reads it as it is.
fn rest_of_line(text: &str) -> Result<(), Refusal> {
    if text.trim() != text || text.is_empty() {
        return Err("is empty or has blanks at its ends".into());
    }
    match text.chars().find(|c| is_hostile(*c)) {
        Some(c) => Err(unwelcome(c)),
        None => Ok(()),
    }
}

/// A double-quoted scalar (YAML 1.2, section 7.3.1).
fn quoted(text: &str) -> Result<String, Refusal> {
    let mut scalar = String::with_capacity(text.len() + 2);
    scalar.push('"');
    for c in text.chars() {
        match c {
            _ if is_hostile(c) => return Err(unwelcome(c)),
            '"' | '\\' => scalar.extend(['\\', c]),
            _ => scalar.push(c),
        }
    }
    scalar.push('"');
    Ok(scalar)
}
