//! Lines of FRR's configuration as they may be shown in a log, a status or a report: without the secrets in them.

use strsim::osa_distance;

/// What stands for a secret.
const COVER: &str = "****";

/// The words of FRR's grammar that a secret follows, at once or after a method (`md5 KEY`).
const BEFORE_A_SECRET: [&str; 9] = [
    "password",
    "key-string",
    "md5",
    "key",
    "message-digest-key",
    "authentication-key",
    "area-password",
    "domain-password",
    "secret",
];

/// A line that FRR's grammar knows: everything from the word that announces a secret on is covered.
///
/// A misspelt announcement counts too: `pasword X`.
pub fn cover(line: &str) -> String {
    walk(line, |_, _| true)
}

/// A line that FRR does not know. Any word of it may be a secret in a place nobody foresaw, so that only addresses, numbers
/// and words of FRR's own, or one slip away from one, are shown.
pub fn cover_unknown(line: &str) -> String {
    walk(line, |index, word| index == 0 || is_of_frr(word))
}

fn walk(line: &str, is_shown: impl Fn(usize, &str) -> bool) -> String {
    let start = &line[..line.len() - line.trim_start().len()];
    let mut shown: Vec<&str> = Vec::new();
    let mut is_secret = false;
    for (index, word) in line.split_whitespace().enumerate() {
        if is_secret {
            shown.push(COVER);
            break;
        }
        shown.push(if is_shown(index, word) { word } else { COVER });
        is_secret = announces(word);
    }
    format!("{start}{}", shown.join(" "))
}

fn announces(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    BEFORE_A_SECRET.iter().any(|known| is_near(known, &word))
}

fn is_of_frr(word: &str) -> bool {
    let is_address = word
        .split('/')
        .next()
        .is_some_and(|it| it.parse::<std::net::IpAddr>().is_ok());
    let is_number = word.parse::<u32>().is_ok();
    let lower = word.to_ascii_lowercase();
    is_address || is_number || WORDS.split_whitespace().any(|known| is_near(known, &lower))
}

/// Whether it is the word, or a slip of the finger away from it: one letter, or two of a long word. Anything of two letters
/// would be a slip away from some word.
fn is_near(known: &str, typed: &str) -> bool {
    let slips = match (known.len(), typed.len()) {
        (_, ..3) => 0,
        (..8, _) => 1,
        _ => 2,
    };
    known == typed
        || (known.len().abs_diff(typed.len()) <= slips
            && typed.chars().all(|it| it.is_ascii_lowercase() || it == '-')
            && osa_distance(known, typed) <= slips)
}

/// The words of FRR's configuration that show which line is meant.
const WORDS: &str = "router bgp ospf ospf6 isis rip ripng eigrp babel pim neighbor network interface route-map prefix-list \
    access-list community-list large-community-list extcommunity-list as-path ip ipv6 route no permit deny match set seq area \
    remote-as update-source peer-group description password timers bfd profile activate redistribute static connected kernel \
    address-family unicast multicast exit exit-address-family end in out standard expanded hostname log syslog file service \
    enable username debug vrf key chain key-string key-id authentication authentication-key message-digest message-digest-key \
    md5 hash-algo cost priority hello-interval dead-interval passive passive-interface default-information originate \
    maximum-prefix maximum-paths next-hop next-hop-self local-preference metric weight tag community large-community additive \
    prepend blackhole table distance ebgp-multihop ttl-security hops soft-reconfiguration inbound send-community \
    route-reflector-client route-server-client local-as confederation identifier peers cluster-id router-id rpki cache \
    preference tcp port line vty ge le any exact-match on-match call continue graceful-restart graceful-shutdown \
    aggregate-address summary-only listen range limit external internal";

#[cfg(test)]
mod tests {
    use super::{cover, cover_unknown};

    #[test]
    fn what_follows_a_word_for_secrets_is_covered() {
        for (line, shown) in [
            (" neighbor IX password s3cret", " neighbor IX password ****"),
            (
                " ip ospf message-digest-key 1 md5 s3cret",
                " ip ospf message-digest-key ****",
            ),
            ("  key-string a b", "  key-string ****"),
            (
                " neighbor 192.0.2.1 remote-as 64500",
                " neighbor 192.0.2.1 remote-as 64500",
            ),
            ("bgp always-compare-med on", "bgp always-compare-med on"),
            ("enable pasword s3cret", "enable pasword ****"),
        ] {
            assert_eq!(cover(line), shown);
        }
    }

    #[test]
    fn of_a_line_frr_does_not_know_only_its_own_words_are_shown() {
        for (line, shown) in [
            ("router bgpp", "router bgpp"),
            (
                "neighbr 1.2.3.4 password s3cret x",
                "neighbr 1.2.3.4 password ****",
            ),
            (" key-strings s3cret", " key-strings ****"),
            ("enable pasword s3cret", "enable pasword ****"),
            (
                " ip ospf message-digest-keyy 1 md5 s3cret",
                " ip ospf message-digest-keyy ****",
            ),
            (
                " neighbor 192.0.2.1 secrt s3cret",
                " neighbor 192.0.2.1 **** ****",
            ),
            (" neighbor 192.0.2.1 s3cret", " neighbor 192.0.2.1 ****"),
            ("interface eth0 up", "interface **** ****"),
        ] {
            assert_eq!(cover_unknown(line), shown, "{line}");
        }
    }
}
