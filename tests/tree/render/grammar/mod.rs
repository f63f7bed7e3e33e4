//! The formatter: what could break a line or a token of a target is refused, whatever the template says.

mod hostile;

use crate::pure::config::{example, files, said};
use imp::config::code::{E0401, E0402, E0403, E0404, E0405};
use imp::config::{self, File, Model};
use imp::render::{self, Bindings, Everything, RenderError, TEMPLATES};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

type Files = BTreeMap<String, File>;

fn model(files: &Files) -> Model {
    let parsed = config::parse(files);
    let words = said(&parsed);
    parsed.model.unwrap_or_else(|| panic!("{words}"))
}

fn everything(files: &Files) -> Result<Everything, RenderError> {
    let model = model(files);
    render::everything(&model, &Bindings::as_written(&model))
}

/// The example with one file more.
fn example_and(path: &str, text: &str) -> Files {
    let mut files = example();
    files.extend(crate::pure::config::files(&[(path, text)]));
    files
}

/// What becomes of the example, and a clock and a log beside it, when a template is this text.
fn overridden(template: &str, text: &str) -> Result<Everything, RenderError> {
    let beside = "[system]\nntp = [\"192.0.2.123\"]\nsyslog = [{ host = \"192.0.2.51\" }]\n\
        [snmp]\nlisten = [\"172.16.0.10\"]\ncommunity-file = \"secrets/bgp-transit-a\"\n\
        [sflow]\ncollectors = [\"192.0.2.77\"]\ninterfaces = [\"external\"]\n\
        [prometheus]\nnode-exporter = \"172.16.0.10:9100\"\nfrr-exporter = \"172.16.0.10:9342\"\n";
    let mut files = example_and(&format!("templates/{template}"), text);
    files.extend(crate::pure::config::files(&[("beside.toml", beside)]));
    everything(&files)
}

#[test]
fn words_are_refused_by_the_grammar_of_their_file() {
    let everywhere = [
        "", "a b", "a\nb", "a\rb", "a\tb", "\0", "\u{7f}", "\u{202e}", "\u{200b}", "\u{2028}", "ä",
    ];
    let of: [(&str, &[&str], &[&str]); 7] = [
        (
            "vpp/startup.conf.j2",
            &["2-5,8", "@x:pci@", "0000:65:00.0"],
            &["a#b", "{", "}", "$(x)", "a\\", "a;b", "\"a\""],
        ),
        (
            "vpp/commands.j2",
            &["::/0", "64:ff9b::/96", "memif1/0"],
            &["a#b", "{a", "$HOME", "a\\", "a?", "a,b", "a;b", "'a"],
        ),
        (
            "frr/frr.conf.j2",
            &["pass$word!", "2001:db8::1"],
            &["!a", "#a", "a|b", "a?"],
        ),
        (
            "nftables.conf.j2",
            &["incusbr0", "2001:db8::/32"],
            &["a\"b", "a;b", "{", "}", "$a", "#", "a,b", "@a"],
        ),
        (
            "systemd/management.network.j2",
            &["pci-0000:65:00.0-*"],
            &["a%b", "a\\", "a;b", "#a", "a=b", "[a]", "!a"],
        ),
        (
            "snmp/snmpd.conf.j2",
            &["udp6:[2001:db8::1]:161", "noc@example.net"],
            &["a#b", "\"a\"", "'a'", "a\\", "$a", "a,b"],
        ),
        (
            "etc/hosts.j2",
            &["edge1.example.net"],
            &["a#b", "a\"", "$a", "`a`"],
        ),
    ];
    for (template, taken, refused) in of {
        for word in taken {
            let text = format!("{{{{ {word:?} }}}}");
            let rendered = overridden(template, &text).unwrap_or_else(|e| panic!("{template} {word:?}: {e}"));
            assert!(
                rendered.files.iter().any(|file| file.text.contains(word)),
                "{template} {word:?}"
            );
        }
        for word in refused.iter().chain(&everywhere) {
            refuses(template, &format!("{{{{ {} }}}}", literal(word)));
            refuses(template, &format!("{{{{ {} | safe }}}}", literal(word)));
        }
    }
}

/// A string literal minijinja reads back as this text.
fn literal(word: &str) -> String {
    let escaped: String = word.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    format!("\"{escaped}\"")
}

fn refuses(template: &str, text: &str) {
    match overridden(template, text) {
        Err(error) => assert_eq!(error.code(), E0402, "{template} {text}: {error}"),
        Ok(_) => panic!("{template} takes {text}"),
    }
}

#[test]
fn yaml_scalars_are_quoted_and_read_back() {
    let rendered = overridden("incus/preseed.yaml.j2", r#"{{ "a: \"b\" #c \\ {d} ü" }}"#).unwrap();
    let preseed = rendered
        .files
        .iter()
        .find(|f| f.path.ends_with("preseed.yaml"))
        .unwrap();
    assert_eq!(preseed.text, r#""a: \"b\" #c \\ {d} ü""#);
    refuses("incus/preseed.yaml.j2", r#"{{ "a\nb" }}"#);
    refuses(
        "incus/preseed.yaml.j2",
        &format!("{{{{ {} }}}}", literal("\u{2066}")),
    );
}

#[test]
fn only_words_and_whole_numbers_are_written() {
    for value in ["none", "true", "1.5", "[1]", "{'a': 1}", "(1, 2)"] {
        refuses("frr/frr.conf.j2", &format!("{{{{ {value} }}}}"));
    }
    for text in [
        "{% set x %}a\nb{% endset %}{{ x }}",
        "{% macro m() %}a\nb{% endmacro %}{{ m() }}",
        "{% autoescape false %}{{ hostname }}{% endautoescape %}",
        "{% filter upper %}a b\n{% endfilter %}",
        "{{ hostname ~ '\n' ~ hostname }}",
        "{{ [hostname, hostname] | join(' ') }}",
    ] {
        refuses("frr/frr.conf.j2", text);
    }
}

#[test]
fn an_error_names_template_and_line_and_no_secret() {
    let error = overridden("frr/frr.conf.j2", "one\ntwo {{ bgp.nosuch }}\n").unwrap_err();
    assert_eq!(error.code(), E0401);
    assert!(
        error.to_string().starts_with("templates/frr/frr.conf.j2:2: "),
        "{error}"
    );
    let syntax = overridden("vpp/commands.j2", "\n\n{% for %}\n").unwrap_err();
    assert!(
        syntax.to_string().starts_with("templates/vpp/commands.j2:3: "),
        "{syntax}"
    );
    let secret = overridden("frr/frr.conf.j2", "{{ bgp.peers[0].password ~ '\n' }}").unwrap_err();
    assert!(
        !format!("{secret} {secret:?}").contains("not-a-secret"),
        "{secret:?}"
    );
}

#[test]
fn every_template_is_embedded_used_and_overridable() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let mut on_disk: Vec<String> = super::files(&folder).into_keys().collect();
    // The manual pages and the completion are beside them, and rendered by nobody.
    on_disk.retain(|path| path.ends_with(".j2"));
    on_disk.sort();
    let embedded: Vec<&str> = TEMPLATES.iter().map(|template| template.path).collect();
    assert_eq!(
        on_disk, embedded,
        "src/render/engine.rs lists every template below templates/, in order"
    );
    for template in embedded {
        let error = overridden(template, "{{ nosuch }}").unwrap_err();
        assert!(error.to_string().contains(template), "{error}");
        assert!(fs::metadata(folder.join(template)).unwrap().len() > 0);
    }
}

#[test]
fn an_override_nothing_reads_is_a_warning_with_the_nearest_name() {
    let model = model(&example_and("templates/vpp/command.j2", "{{ broken"));
    let warnings = render::warnings(&model);
    assert_eq!(warnings.len(), 1);
    assert_eq!(warnings[0].code, E0403);
    assert_eq!(
        warnings[0].hint.as_deref(),
        Some("did you mean 'templates/vpp/commands.j2'?")
    );
}

#[test]
fn extra_lines_may_not_break_out() {
    let with = |text: &str| {
        let toml = "config-version = 1\n[system]\nhostname = \"x\"\n[vpp.core]\n\
                    extra-startup-file = \"s\"\nextra-commands-file = \"c\"\n";
        let (startup, commands) = match text.starts_with("vpplog") || text.starts_with('\\') {
            true => ("", text),
            false => (text, ""),
        };
        let folder = files(&[("imp.toml", toml), ("s", startup), ("c", commands)]);
        let parsed = config::parse(&folder);
        parsed
            .model
            .map(|model| render::everything(&model, &Bindings::as_written(&model)))
    };
    for text in [
        "}",
        "a {",
        "logging {\n}}",
        "a \u{202e}",
        "vpplog imp-applied:0",
        "\\",
    ] {
        match with(text) {
            Some(Err(error)) => assert_eq!(error.code(), E0404, "{error}"),
            Some(Ok(_)) => panic!("{text:?} is taken"),
            None => {} // refused before it got here
        }
    }
    assert!(with("logging { size 1 } # } is a comment").unwrap().is_ok());
}

#[test]
fn frr_has_no_route_to_a_pool_of_one_address() {
    let toml = include_str!("../../../trees/01-example/root/persistent/config/imp.toml");
    let toml = toml.replace("203.0.113.16/30", "203.0.113.16/32");
    let announced = toml.replace(
        "\"203.0.113.0/24\", ",
        "\"203.0.113.0/24\", \"203.0.113.16/32\", ",
    );
    let announced = announced.replacen("OURS   = [", "OURS   = [\"203.0.113.16/32\", ", 1);
    assert_ne!(toml, announced);
    let written = |text: &str| example_and("imp.toml", text);
    for (document, unconditional) in [(&toml, false), (&announced, true)] {
        let rendered = everything(&written(document)).unwrap();
        let text = |name: &str| {
            let mut files = rendered.files.iter();
            files.find(|f| f.path.ends_with(name)).unwrap().text.as_str()
        };
        assert!(text("commands-core.txt").contains("ip route add 203.0.113.16/32 via"));
        let frr = text("frr.conf");
        assert!(frr.contains("ip route 203.0.113.0/24 blackhole 254\n"), "{frr}");
        assert!(!frr.contains("ip route 203.0.113.16/32"), "{frr}");
        assert_eq!(frr.contains("  network 203.0.113.16/32\n"), unconditional);
        assert_eq!(frr.contains(" no bgp network import-check\n"), unconditional);
    }
    // The route to a pool of two is halved, and FRR has both halves.
    let toml = toml.replace("203.0.113.16/32", "203.0.113.16/31");
    let routed =
        "[routes]\n\"203.0.113.16/32\" = { blackhole = true }\n\"203.0.113.17/32\" = { blackhole = true }\n";
    let routed = toml.replacen("[routes]\n", routed, 1);
    assert_ne!(toml, routed);
    assert_eq!(everything(&written(&routed)).unwrap_err().code(), E0405);
}
