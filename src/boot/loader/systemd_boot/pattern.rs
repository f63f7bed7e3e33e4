//! Shell patterns as the boot loader takes them for the ids of entries.

/// Whether the pattern is this id. Cases are not told apart. A set in brackets is a list of characters or ranges.
pub fn matches(pattern: &str, id: &str) -> bool {
    let pattern: Vec<char> = pattern.to_ascii_lowercase().chars().collect();
    let id: Vec<char> = id.to_ascii_lowercase().chars().collect();
    walk(&pattern, &id)
}

fn walk(pattern: &[char], id: &[char]) -> bool {
    match pattern {
        [] => id.is_empty(),
        ['*', rest @ ..] => (0..=id.len()).any(|from| walk(rest, &id[from..])),
        ['?', rest @ ..] => id.split_first().is_some_and(|(_, id)| walk(rest, id)),
        ['[', rest @ ..] => {
            // The first character may be the bracket itself.
            let end = rest.iter().skip(1).position(|c| *c == ']').map(|at| at + 1);
            match (end, id) {
                (Some(end), [first, id @ ..]) => in_set(&rest[..end], *first) && walk(&rest[end + 1..], id),
                _ => false,
            }
        }
        ['\\', first, rest @ ..] | [first, rest @ ..] => id
            .split_first()
            .is_some_and(|(c, id)| c == first && walk(rest, id)),
    }
}

fn in_set(set: &[char], c: char) -> bool {
    match set {
        [] => false,
        [from, '-', to, rest @ ..] => (*from..=*to).contains(&c) || in_set(rest, c),
        [one, rest @ ..] => *one == c || in_set(rest, c),
    }
}
