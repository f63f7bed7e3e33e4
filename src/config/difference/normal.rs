//! Values as they are compared, and as they are shown.

use crate::config::keys::{Key, Shape};
use serde_json::{Map, Value as Json};
use std::borrow::Cow;
use toml::de::DeValue;

static NEVER: Shape = Shape::Never;

/// A value as it is written, without its notation.
pub(super) fn written(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::Table(table) => {
            let entries = table.iter();
            let entries = entries.map(|(key, value)| (key.get_ref().to_string(), written(value.get_ref())));
            Json::Object(entries.collect())
        }
        DeValue::Array(array) => array.iter().map(|item| written(item.get_ref())).collect(),
        other => scalar(other),
    }
}

fn scalar(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::Boolean(switch) => Json::Bool(*switch),
        DeValue::Integer(integer) => {
            let digits = integer.as_str().replace('_', "");
            i64::from_str_radix(&digits, integer.radix()).map_or(Json::String(digits), Json::from)
        }
        DeValue::String(text) => Json::String(text.to_string()),
        // No key takes a float or a date.
        DeValue::Float(float) => Json::String(float.as_str().to_owned()),
        DeValue::Datetime(date) => Json::String(date.to_string()),
        DeValue::Table(_) | DeValue::Array(_) => Json::Null,
    }
}

/// A value in the one form of what it means: what is equal here means the same.
pub(super) fn normal(value: &DeValue<'_>, key: Option<&'static Key>, shape: &Shape) -> Json {
    match value {
        DeValue::Table(table) => {
            let mut normals = Map::new();
            for (name, value) in table {
                let (below, each) = of_key(shape, name.get_ref(), key);
                let name = normal_name(shape, name.get_ref());
                normals.insert(name.into_owned(), normal(value.get_ref(), below, &each));
            }
            Json::Object(normals)
        }
        DeValue::Array(array) => {
            let each = of_item(shape);
            let items = array.iter();
            let mut items: Vec<Json> = items.map(|item| normal(item.get_ref(), None, each)).collect();
            if key.is_some_and(|key| key.unordered) {
                items.sort_by_cached_key(Json::to_string);
            }
            Json::Array(items)
        }
        other => in_shape(&scalar(other), shape).unwrap_or_else(|| scalar(other)),
    }
}

/// A scalar in the form of a shape; `None` when it is none of it.
fn in_shape(value: &Json, shape: &Shape) -> Option<Json> {
    let text = match value {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return None,
    };
    match shape {
        Shape::Number { .. } => text.parse::<i64>().ok().map(Json::from),
        Shape::Text { normal, .. } => normal(&text).map(Json::String),
        // A number that may be a text as well is one of its texts.
        Shape::Either(shapes) => shapes.iter().rev().find_map(|shape| in_shape(value, shape)),
        _ => None,
    }
}

/// A name of a table in its one form.
pub(super) fn normal_name<'n>(shape: &Shape, name: &'n str) -> Cow<'n, str> {
    match shape {
        Shape::Named { names, .. } => match in_shape(&Json::from(name), names) {
            Some(Json::String(normal)) => Cow::Owned(normal),
            _ => Cow::Borrowed(name),
        },
        Shape::Either(shapes) => shapes
            .iter()
            .find(|shape| matches!(shape, Shape::Named { .. }))
            .map_or(Cow::Borrowed(name), |shape| normal_name(shape, name)),
        _ => Cow::Borrowed(name),
    }
}

/// What is declared of a key of a table. What holds of a table with names holds of each of its entries.
pub(super) fn of_key<'s>(
    shape: &'s Shape,
    name: &str,
    key: Option<&'static Key>,
) -> (Option<&'static Key>, Cow<'s, Shape>) {
    match shape {
        Shape::Table(declared) => match declared.keys().find(|key| key.name == name) {
            Some(key) => (Some(key), Cow::Owned((key.shape)())),
            None => (None, Cow::Borrowed(&NEVER)),
        },
        Shape::Named { each, .. } => (key, Cow::Borrowed(each)),
        Shape::Either(shapes) => {
            let tables = |shape: &&Shape| matches!(shape, Shape::Table(_) | Shape::Named { .. });
            let table = shapes.iter().find(tables);
            table.map_or((None, Cow::Borrowed(&NEVER)), |shape| of_key(shape, name, key))
        }
        _ => (None, Cow::Borrowed(&NEVER)),
    }
}

/// The shape of the items of a list.
pub(super) fn of_item(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(each) | Shape::Filled(each) => each,
        Shape::Either(shapes) => {
            let lists = |shape: &&Shape| matches!(shape, Shape::List(_) | Shape::Filled(_));
            shapes.iter().find(lists).map_or(&NEVER, of_item)
        }
        _ => &NEVER,
    }
}
