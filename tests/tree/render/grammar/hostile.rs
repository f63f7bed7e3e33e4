//! Hostile strings and templates: nothing that is rendered has a line or a word of theirs.

use super::*;

/// What hostile strings carry: no rendered word may begin with it.
const CANARY: &str = "zzqx9";

/// The example's strings, as (start, end) of what is between their quotes.
fn strings(toml: &str) -> Vec<(usize, usize)> {
    let quotes: Vec<usize> = toml.match_indices('"').map(|(at, _)| at).collect();
    let outside = |at: usize| {
        let line = toml[..at].rfind('\n').map_or(0, |newline| newline + 1);
        !toml[line..at].contains('#')
    };
    let quotes: Vec<usize> = quotes.into_iter().filter(|at| outside(*at)).collect();
    quotes
        .chunks_exact(2)
        .map(|pair| (pair[0] + 1, pair[1]))
        .collect()
}

/// A TOML basic string's inside.
fn escaped(text: &str) -> String {
    text.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect()
}

/// What ends a word in a file, beside blanks.
fn separators(path: &str) -> &'static str {
    match path {
        _ if path.ends_with("frr.conf") => "",
        _ if path.contains("/vpp/commands-") => "#${}\\?,",
        _ if path.contains("/vpp/startup-") => "#{}",
        _ if path.ends_with("nftables.conf") => "#{},;\"",
        _ => "#;\"'$`=",
    }
}

/// Nothing rendered has a line or a word that begins with the canary, but in the rest of a description.
fn contained(rendered: &Everything) -> Result<(), TestCaseError> {
    for file in &rendered.files {
        for line in file.text.lines().filter(|line| line.contains(CANARY)) {
            let free = file.path.ends_with("frr.conf") && line.contains(" description ");
            let quoted = file.path.ends_with("preseed.yaml") && line.trim_start().contains(": \"");
            let ends = |c: char| c.is_whitespace() || separators(&file.path).contains(c);
            let word = line.split(ends).any(|word| word.starts_with(CANARY));
            let starts = line.trim_start().starts_with(CANARY);
            prop_assert!(!starts && (free || quoted || !word), "{}: {line:?}", file.path);
        }
    }
    Ok(())
}

fn hostile(files: &Files) -> Result<(), TestCaseError> {
    let Some(model) = config::parse(files).model else {
        return Ok(());
    };
    match render::everything(&model, &Bindings::as_written(&model)) {
        Ok(rendered) => contained(&rendered),
        Err(_) => Ok(()),
    }
}

/// Text around the canary that could end a line, a word or a group somewhere.
fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a", "Transit", "10.0.0.1", "/", "-", ".", ":", "0", " ", "  ", "\n", "\r", "\r\n", "\t", "\"", "'",
        ";", "#", "!", "{", "}", "(", ")", "[", "]", "$", "\\", "|", "| ", "?", "%", "&", "`", ",", "=",
        "\0", "\u{85}", "\u{2028}", "\u{202e}", "\u{200b}", "ü",
    ]);
    let some = || prop::collection::vec(pieces.clone(), 0..4).prop_map(|pieces| pieces.concat());
    (some(), some()).prop_map(|(before, after)| format!("a{before}{CANARY}{after}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_hostile_string_in_any_field_of_the_example_stays_inside(field: prop::sample::Index, text in hostile_text()) {
        let toml = include_str!("../../../trees/01-example/root/persistent/config/imp.toml");
        let (start, end) = *field.get(&strings(toml));
        let changed = format!("{}{}{}", &toml[..start], escaped(&text), &toml[end..]);
        hostile(&example_and("imp.toml", &changed))?;
    }

    #[test]
    fn any_template_is_rendered_or_an_error(template in prop::sample::select(TEMPLATES.to_vec()), text in template_soup()) {
        if let Err(error) = overridden(template.path, &text) {
            prop_assert!([E0401, E0402].contains(&error.code()), "{error}");
        }
    }

    #[test]
    fn a_hostile_name_stays_inside(place in prop::sample::select(NAMED.to_vec()), text in hostile_text()) {
        let block = place.replace("NAME", &format!("\"{}\"", escaped(&text)));
        hostile(&example_and("zz.toml", &block))?;
    }

    #[test]
    fn a_hostile_file_stays_inside(place in prop::sample::select(READ.to_vec()), text in hostile_text()) {
        hostile(&example_and(place, &text))?;
        let mut moved = example();
        let toml = moved.remove("imp.toml").unwrap();
        moved.insert(format!("{}.toml", text.replace('/', "")), toml);
        hostile(&moved)?;
    }
}

/// Pieces of templates, put together without sense.
fn template_soup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "{{",
        "}}",
        "{%",
        "%}",
        "{#",
        "#}",
        "-",
        "+",
        " for ",
        " in ",
        " if ",
        " endif ",
        " endfor ",
        " set ",
        " include ",
        " macro ",
        " block ",
        " call ",
        "hostname",
        "bgp",
        ".",
        "[",
        "]",
        "(",
        ")",
        "|",
        "~",
        "\"",
        "'",
        "\n",
        " ",
        "1",
        "0",
        "//",
        "**",
        "%",
        "range",
        "loop",
        "self",
        "super",
        "debug",
        "caller",
        "x",
        "=",
        ",",
        "ü",
        "\u{202e}",
        "\0",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Everything an operator may name.
const NAMED: [&str; 12] = [
    "[loopbacks.NAME]\naddresses = [\"192.0.2.9/32\"]\n",
    "[interfaces.NAME]\nmatch = { pci = \"0000:70:00.0\" }\naddresses = [\"192.0.2.33/30\"]\n",
    "[vpp.NAME]\n",
    "[nat.NAME]\ninstance = \"core\"\n",
    "[incus.bridges.NAME]\naddress = \"10.9.0.1/24\"\ngateway = \"10.9.0.2\"\n",
    "[incus.storage-pools.NAME]\ndriver = \"dir\"\nsource = \"/x\"\n",
    "[prefix-lists]\nNAME = [\"192.0.2.0/24\"]\n",
    "[community-lists]\nNAME = [\"64500:1\"]\n",
    "[[route-maps.NAME]]\naction = \"permit\"\n",
    "[bgp.peer-groups.NAME]\nremote-as = 64500\n",
    "[bfd.profiles.NAME]\ndetect-multiplier = 4\n",
    "[bgp.neighbors.NAME]\nremote-as = 64500\n",
];

/// Files whose content is checked and reaches a rendered file (`identity/hosts` is taken as it is).
const READ: [&str; 4] = [
    "secrets/bgp-transit-a",
    "identity/hosts",
    "identity/tcp_ports",
    "identity/hostname",
];
