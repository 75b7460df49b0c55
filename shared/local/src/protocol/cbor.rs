//! Smithy RPC v2 CBOR (Smithy, "Smithy RPC v2 CBOR protocol"; RFC 8949).

use minicbor::data::{Tag, Type};
use minicbor::decode::Error as NotCbor;
use minicbor::{Decoder, Encoder, encode};

use super::select::Rendered;
use crate::failure::Failure;
use crate::value::{Map, Value};

/// No structure of the five services has as many; names are searched for one by one.
const MEMBERS_MAX: usize = 1_000;
/// Deeper is no request of these services, and recursion must end before the stack does.
const DEPTH_MAX: u32 = 32;
/// Tag of a time in seconds since the epoch (RFC 8949, 3.4.2).
const EPOCH: u64 = 1;
/// Namespace of CloudWatch's shapes.
const NAMESPACE: &str = "com.amazonaws.cloudwatch";

/// Reads a body; an empty one is an empty structure.
pub(super) fn decode(body: &[u8]) -> Result<Map, Failure> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    let mut decoder = Decoder::new(body);
    let value = value(&mut decoder, DEPTH_MAX).map_err(|e| Failure::malformed(format!("body: {e}")))?;
    let Value::Map(map) = value else { return Err(Failure::malformed("body: expected a structure")) };
    if decoder.position() < body.len() {
        return Err(Failure::malformed("body: more after its structure"));
    }
    Ok(map)
}

fn value(d: &mut Decoder<'_>, depth: u32) -> Result<Value, NotCbor> {
    let deeper = depth.checked_sub(1).ok_or_else(|| NotCbor::message("nested too deep"))?;
    Ok(match d.datatype()? {
        Type::Null => {
            d.null()?;
            Value::Null
        }
        Type::Undefined => {
            d.undefined()?;
            Value::Null
        }
        Type::Bool => Value::Bool(d.bool()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Value::Integer(d.i64()?)
        }
        Type::F16 => Value::Float(f64::from(d.f16()?)),
        Type::F32 => Value::Float(f64::from(d.f32()?)),
        Type::F64 => Value::Float(d.f64()?),
        Type::String => Value::Text(d.str()?.to_owned()),
        Type::StringIndef => Value::Text(d.str_iter()?.collect::<Result<String, _>>()?),
        Type::Array | Type::ArrayIndef => {
            let mut list = Vec::new();
            let length = d.array()?;
            while more(d, length, list.len())? {
                list.push(value(d, deeper)?);
            }
            Value::List(list)
        }
        Type::Map | Type::MapIndef => {
            let (mut map, mut read) = (Map::new(), 0);
            let length = d.map()?;
            while more(d, length, read)? {
                let Value::Text(name) = value(d, deeper)? else {
                    return Err(NotCbor::message("a member's name that is no text"));
                };
                if read == MEMBERS_MAX {
                    return Err(NotCbor::message("a structure of too many members"));
                }
                map.put(name.into(), value(d, deeper)?);
                read += 1;
            }
            Value::Map(map)
        }
        Type::Tag => {
            let tag = d.tag()?;
            let inner = value(d, deeper)?;
            match (tag == Tag::new(EPOCH), inner.as_number()) {
                (true, Some(at)) => Value::Time(at),
                (true, None) => return Err(NotCbor::message("a time that is no number")),
                (false, _) => inner,
            }
        }
        other @ (Type::Bytes | Type::BytesIndef | Type::Simple | Type::Break | Type::Unknown(_)) => {
            return Err(NotCbor::message(format!("{other} where a value was expected")));
        }
    })
}

/// Whether one more item follows, of so many, or until the break.
fn more(d: &mut Decoder<'_>, length: Option<u64>, read: usize) -> Result<bool, NotCbor> {
    match length {
        Some(length) => Ok((read as u64) < length),
        None if d.datatype()? == Type::Break => {
            d.skip()?;
            Ok(false)
        }
        None => Ok(true),
    }
}

type Buffer = Encoder<Vec<u8>>;
type Written = Result<(), encode::Error<std::convert::Infallible>>;

fn write(e: &mut Buffer, value: &Value) -> Written {
    match value {
        Value::Null => e.null()?,
        Value::Bool(flag) => e.bool(*flag)?,
        Value::Integer(n) => e.i64(*n)?,
        Value::Float(n) => e.f64(*n)?,
        Value::Text(text) => e.str(text)?,
        Value::Time(at) => e.tag(Tag::new(EPOCH))?.f64(*at)?,
        Value::List(list) => {
            e.array(list.len() as u64)?;
            return list.iter().try_for_each(|v| write(e, v));
        }
        Value::Map(map) => {
            e.map(map.iter().count() as u64)?;
            for (name, value) in map.iter() {
                e.str(name)?;
                write(e, value)?;
            }
            e
        }
    };
    Ok(())
}

fn bytes(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    match write(&mut encoder, value) {
        Ok(()) => encoder.into_writer(),
        // A vector takes every byte: there is no such error.
        Err(_) => Vec::new(),
    }
}

fn headers() -> Vec<(&'static str, String)> {
    vec![("smithy-protocol", "rpc-v2-cbor".to_owned()), ("content-type", "application/cbor".to_owned())]
}

/// A good answer; one without output has no body and no content type, as the protocol says.
pub(super) fn output(output: &Value) -> Rendered {
    if *output == Value::Null {
        return Rendered { status: 200, headers: headers().into_iter().take(1).collect(), body: Vec::new() };
    }
    Rendered { status: 200, headers: headers(), body: bytes(output) }
}

/// A failure; `__type` is the whole shape id.
pub(super) fn failure(failure: &Failure) -> Rendered {
    let id = format!("{NAMESPACE}#{}", failure.shape);
    let body = Map::new().with("__type", id).with("message", failure.message.as_str());
    Rendered { status: failure.status, headers: headers(), body: bytes(&body.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let inner = Map::new().with("Values", vec![95.0, 2.0]).with("Period", 60_i64).with("Ok", true);
        let map = Map::new().with("StartTime", Value::Time(1_000_000.5)).with("Inner", inner).with("Name", "a");
        assert_eq!(decode(&bytes(&map.clone().into())).unwrap(), map);
    }

    #[test]
    fn times_are_tag_1_of_an_integer_or_of_any_float() {
        for at in [&[0xC1, 0x0A][..], &[0xC1, 0xF9, 0x49, 0x00], &[0xC1, 0xFA, 0x41, 0x20, 0x00, 0x00]] {
            let body = [&[0xA1, 0x61, b't'][..], at].concat();
            assert_eq!(decode(&body).unwrap().get("t"), Some(&Value::Time(10.0)));
        }
        assert!(decode(&[0xA1, 0x61, b't', 0xC1, 0x61, b'x']).is_err());
    }

    #[test]
    fn truncated_deep_and_lying_bodies_are_malformed_and_never_a_panic() {
        let good = bytes(&Map::new().with("a", vec![Map::new().with("b", 1.5)]).into());
        let mut bad: Vec<Vec<u8>> = (1..good.len()).map(|n| good[..n].to_vec()).collect();
        bad.push([&good[..], &[0x00]].concat());
        bad.push([&[0xA1, 0x61, b'a'][..], &[0x81; 100], &[0x00]].concat());
        bad.push(vec![0xA1, 0x61, b'a', 0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        bad.push(vec![0x80]);
        for body in bad {
            assert_eq!(decode(&body).unwrap_err().shape, "SerializationException", "{body:?}");
        }
        for first in 0..=255_u8 {
            for second in 0..=255_u8 {
                let _either = decode(&[0xA1, 0x61, b'a', first, second]);
            }
        }
    }
}
