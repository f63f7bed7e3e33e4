//! AS paths as Junos matches them, AS by AS, as expressions over the text of a path.

/// The same as FRR says it; nothing where it is more than AS numbers with anything around them or repeated.
///
/// Junos looks at the whole path and at each AS as one; FRR looks for the expression in the text, where `_` is a boundary.
pub(super) fn regex(path: &str) -> Option<String> {
    let path = path.trim();
    if path == "()" || path == "^$" {
        return Some("^$".to_owned());
    }
    // Junos looks at the whole path anyway.
    let path = path.strip_prefix('^').unwrap_or(path);
    let path = path.strip_suffix('$').unwrap_or(path).trim();
    let mut words: Vec<&str> = path.split_whitespace().collect();
    if words == [".*"] {
        return Some(".*".to_owned());
    }
    let opens = words.first() == Some(&".*");
    let closes = words.last() == Some(&".*");
    words.drain(..usize::from(opens));
    words.truncate(words.len() - usize::from(closes));
    if words.is_empty() {
        return None;
    }
    let parts: Option<Vec<String>> = words.iter().map(|word| of_one(word)).collect();
    let (before, after) = (if opens { "_" } else { "^" }, if closes { "_" } else { "$" });
    Some(format!("{before}{}{after}", parts?.join("_")))
}

/// An AS: a number, a choice of numbers, any (`.`), and each of them once or more (`+`).
fn of_one(word: &str) -> Option<String> {
    let (one, repeats) = match word.strip_suffix('+') {
        Some(one) => (one, true),
        None => (word, false),
    };
    let choice = one.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
    let number = |text: &str| text.parse::<u32>().is_ok();
    let text = match choice {
        None if one == "." => "[0-9]+".to_owned(),
        None if number(one) => one.to_owned(),
        Some(choice) if choice.split('|').all(|it| number(it.trim())) => {
            let numbers: Vec<&str> = choice.split('|').map(str::trim).collect();
            format!("({})", numbers.join("|"))
        }
        _ => return None,
    };
    Some(match repeats {
        true => format!("{text}(_{text})*"),
        false => text,
    })
}

#[cfg(test)]
mod tests {
    use super::regex;

    #[test]
    fn a_path_means_what_it_meant() {
        for (junos, frr) in [
            ("()", "^$"),
            ("^$", "^$"),
            (".*", ".*"),
            ("64496", "^64496$"),
            ("64496 .*", "^64496_"),
            (".* 64496", "_64496$"),
            (".* 64496 .*", "_64496_"),
            ("64496+", "^64496(_64496)*$"),
            (".* (64496|64497) .*", "_(64496|64497)_"),
            ("^64496 .*", "^64496_"),
            (".* 64496$", "_64496$"),
            ("64496 .", "^64496_[0-9]+$"),
        ] {
            assert_eq!(regex(junos).as_deref(), Some(frr), "{junos}");
        }
        assert_eq!(regex("64496-64510"), None);
        assert_eq!(regex("64496{2,3}"), None);
        assert_eq!(regex(".* .*"), None);
    }
}
