//! What a kernel panic comes to, by the kernel's command line (`panic=` of kernel-command-line(7) and the kernel's
//! admin-guide): seconds until the machine resets, at once when negative, and never for 0, which is also the default.
//!
//! A trial whose panic waits for ever does not come back by itself, so this is asked before one is armed.

/// Seconds from a panic to the reset, long enough for its last lines to be read on a console.
const RESET: &str = "panic=10";

/// What a panic of the kernel comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnPanic {
    /// The machine resets.
    Resets,
    /// The machine waits for somebody, because the command line says so.
    Waits,
    /// The command line does not say: the machine waits, unless something later in the boot changes it.
    Unsaid,
}

/// What a panic comes to under this command line. The kernel goes by the last `panic=` that is a number.
pub fn on_panic(command_line: &str) -> OnPanic {
    let mut values = command_line.split_whitespace().filter_map(timeout);
    match values.next_back() {
        None => OnPanic::Unsaid,
        Some(0) => OnPanic::Waits,
        Some(_) => OnPanic::Resets,
    }
}

/// The command line, changed so that a panic resets the machine: as it is when it does so already.
pub fn with_reset(command_line: &str) -> String {
    let kept = match on_panic(command_line) {
        OnPanic::Resets => return command_line.split_whitespace().collect::<Vec<_>>().join(" "),
        OnPanic::Unsaid | OnPanic::Waits => command_line.split_whitespace(),
    };
    let mut words: Vec<&str> = kept.filter(|word| timeout(word).is_none()).collect();
    words.push(RESET);
    words.join(" ")
}

fn timeout(word: &str) -> Option<i32> {
    word.strip_prefix("panic=")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_waits_and_the_last_one_counts() {
        for (line, comes_to) in [
            ("quiet", OnPanic::Unsaid),
            ("quiet panic=10", OnPanic::Resets),
            ("panic=-1", OnPanic::Resets),
            ("panic=0 quiet", OnPanic::Waits),
            ("panic=10 panic=0", OnPanic::Waits),
            ("panic=0 panic=10", OnPanic::Resets),
            ("panic= panic_on_oops=1 xpanic=5", OnPanic::Unsaid),
            ("panic=soon", OnPanic::Unsaid),
        ] {
            assert_eq!(on_panic(line), comes_to, "{line}");
        }
    }

    #[test]
    fn a_line_is_changed_only_where_a_panic_would_wait() {
        assert_eq!(with_reset("quiet"), "quiet panic=10");
        assert_eq!(with_reset("panic=5 quiet"), "panic=5 quiet");
        assert_eq!(with_reset("panic=0 quiet"), "quiet panic=10");
        assert_eq!(with_reset("panic=5 panic=0"), "panic=10");
        assert_eq!(with_reset("panic=-1"), "panic=-1");
        assert_eq!(with_reset(""), "panic=10");
    }
}
