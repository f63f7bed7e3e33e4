//! The metrics, read by a parser that is not ours, and held against the rules of the format.

use super::router;
use imp::impctl::metrics::{Exposition, SeriesKind, exposition};
use std::collections::{BTreeMap, BTreeSet};

fn parsed(text: &str) -> prometheus_parse::Scrape {
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    prometheus_parse::Scrape::parse(lines).unwrap()
}

fn value(value: &prometheus_parse::Value) -> f64 {
    match value {
        prometheus_parse::Value::Counter(number) | prometheus_parse::Value::Gauge(number) => *number,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_parser_finds_every_sample_with_its_type_and_its_help() {
    for release in [0, 1] {
        let text = exposition(&router(release)).text();
        let scrape = parsed(&text);
        let samples = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(scrape.samples.len(), samples, "{text}");
        let mut seen = BTreeSet::new();
        for sample in &scrape.samples {
            assert!(scrape.docs.contains_key(&sample.metric), "{}", sample.metric);
            let labels: BTreeMap<_, _> = sample.labels.iter().collect();
            assert!(
                seen.insert(format!("{} {labels:?}", sample.metric)),
                "twice: {sample:?}"
            );
            let counts = matches!(sample.value, prometheus_parse::Value::Counter(_));
            assert_eq!(counts, sample.metric.ends_with("_total"), "{}", sample.metric);
        }
        let find = |metric: &str, label: &str, is: &str| {
            let found = scrape
                .samples
                .iter()
                .find(|it| it.metric == metric && (label.is_empty() || it.labels.get(label) == Some(is)));
            value(
                &found
                    .unwrap_or_else(|| panic!("{metric} {label}={is} in {text}"))
                    .value,
            )
        };
        assert_eq!(find("imp_configuration_accepted", "", ""), 1.0);
        assert_eq!(find("imp_boot_good", "", ""), 1.0);
        assert_eq!(find("imp_bgp_established", "neighbor", "10.9.0.2"), 1.0);
        assert_eq!(find("imp_bgp_established", "neighbor", "10.9.0.78"), 0.0);
        assert_eq!(find("imp_bgp_prefixes_sent", "neighbor", "10.9.0.2"), 4.0);
        assert_eq!(find("imp_vpp_errors_total", "node", "ip4-local"), 7.0);
        assert_eq!(find("imp_vpp_interface_counter_total", "counter", "drops"), 3.0);
        assert_eq!(find("imp_nic_carrier", "used_by", "[management]"), 1.0);
        assert_eq!(find("imp_bond_active_members", "bond", "core"), 2.0);
        assert_eq!(find("imp_bridge_learned_addresses", "bridge", "cust"), 3.0);
        assert_eq!(find("imp_tunnel_up", "tunnel", "t1"), 1.0);
        assert_eq!(find("imp_vrrp_master", "interface", "external"), 0.0);
        assert_eq!(find("imp_policer_bytes_total", "result", "dropped"), 180.0);
        assert_eq!(find("imp_sflow_samples_total", "result", "lost"), 3.0);
        assert_eq!(find("imp_drift", "", ""), 0.0);
        assert_eq!(find("imp_apply_duration_seconds", "", ""), 0.25);
        assert_eq!(
            find("imp_generation_applied_timestamp_seconds", "", ""),
            1_795_906_475.0
        );
    }
}

#[test]
fn each_family_is_in_one_place_under_its_help() {
    let text = exposition(&router(0)).text();
    let mut families: Vec<&str> = Vec::new();
    for line in text.lines() {
        let name = match line.split_once(' ').unwrap() {
            ("#", rest) => rest.split(' ').nth(1).unwrap(),
            (sample, _) => sample.split('{').next().unwrap(),
        };
        if families.last() != Some(&name) {
            assert!(!families.contains(&name), "{name} is in two places");
            assert!(line.starts_with("# HELP "), "{line}");
            families.push(name);
        }
    }
    assert!(families.len() > 20, "{families:?}");
    assert!(text.ends_with('\n'));
}

#[test]
fn labels_are_escaped_and_nothing_is_there_twice() {
    let mut all = Exposition::default();
    let metric = ("imp_x_total", SeriesKind::Counter, "A \\ in two\nlines.");
    let label = "a \"quoted\" \\ and\na line";
    all.add(metric, &[("reason", label)], 1.0);
    all.add(metric, &[("reason", label)], 2.0);
    let text = all.text();
    assert_eq!(
        text,
        "# HELP imp_x_total A \\\\ in two\\nlines.\n# TYPE imp_x_total counter\n\
         imp_x_total{reason=\"a \\\"quoted\\\" \\\\ and\\na line\"} 3\n"
    );
    assert_eq!(value(&parsed(&text).samples[0].value), 3.0);
}
