//! Likeness of each cell of a canvas to the source it shows, in dB of luma.
//!
//! Which frame of the source a cell shows is not told: it is the one most like it. The source is
//! scaled by the library the server scales with, so that only what coding took away is counted.

use crate::error::LoadError;
use crate::meter::round;
use clap::Args;
use rotunda_client::{Clip, Probe, Seen, psnr};
use rotunda_codec::{Filter, Frame, FrameView, Rect, VideoDecoder, scale_into};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Canvas frames kept; a run keeps some forty.
const KEPT: usize = 100;
/// The picture of a cell may begin this many pixels right of and below its corner: a gutter.
const GUTTERS: [u32; 4] = [0, 2, 4, 6];
/// Rows left out between two that are compared while looking for the frame.
const COARSE: usize = 6;

/// What is compared.
#[derive(Args)]
pub struct Options {
    /// Canvas frames, 1280x720 I420, one behind the other.
    #[arg(long)]
    canvas: PathBuf,
    /// Cells as `x,y,w,h`, in the order of the members.
    #[arg(long)]
    cell: Vec<String>,
    /// The members' clips, taken in turn.
    #[arg(long)]
    clip: Vec<PathBuf>,
}

/// Keeps decoded canvas frames while it is open.
pub struct FrameTap {
    every: u64,
    seen: u64,
    is_open: bool,
    kept: Vec<Frame>,
}

impl FrameTap {
    /// Closed at first; then every `every`th frame.
    pub fn every(every: u64) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            every: every.max(1),
            seen: 0,
            is_open: false,
            kept: Vec::new(),
        }))
    }

    /// Keeps from now on.
    pub fn open(tap: &Arc<Mutex<Self>>) {
        tap.lock().unwrap_or_else(PoisonError::into_inner).is_open = true;
    }

    /// Writes what was kept; says how many.
    pub fn write(tap: &Arc<Mutex<Self>>, path: &Path) -> Result<usize, LoadError> {
        let tap = tap.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = tap.kept.iter().flat_map(|f| f.as_i420().iter().copied()).collect();
        std::fs::write(path, bytes)?;
        Ok(tap.kept.len())
    }
}

impl Probe for FrameTap {
    fn picture(&mut self, seen: &Seen<'_>) {
        self.seen += 1;
        if self.is_open && self.seen.is_multiple_of(self.every) && self.kept.len() < KEPT {
            self.kept.push(Frame::copy_of(seen.frame));
        }
    }
}

/// Compares every cell of every frame.
pub fn run(options: &Options) -> Result<Value, LoadError> {
    let canvases = canvases(&options.canvas)?;
    let sources: Vec<Vec<Frame>> =
        options.clip.iter().map(|path| decoded(path)).collect::<Result<_, _>>()?;
    let cells: Vec<Rect> = options.cell.iter().map(|c| rect(c)).collect::<Result<_, _>>()?;
    if canvases.is_empty() || sources.is_empty() {
        return Err(LoadError::Void("no canvas frames or no clips to compare".into()));
    }
    let mut means = Vec::new();
    let mut fresh = Vec::new();
    for (index, cell) in cells.iter().enumerate() {
        let seen = compare(&canvases, *cell, &sources[index % sources.len()]);
        let total: f64 = seen.iter().map(|(_, db)| db).sum();
        means.push(round(total / seen.len().max(1) as f64, 3));
        let changes = seen.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
        fresh.push(round(changes as f64 / seen.len().saturating_sub(1).max(1) as f64, 3));
    }
    let mean = means.iter().sum::<f64>() / means.len().max(1) as f64;
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(json!({
        "frames": canvases.len(), "cells": means, "mean_db": round(mean, 3),
        "least_db": round(least, 3), "fresh": fresh,
    }))
}

fn canvases(path: &Path) -> Result<Vec<Frame>, LoadError> {
    let bytes = std::fs::read(path)?;
    let wrong = || LoadError::Void("the canvas file does not hold whole 720p frames".into());
    let whole = |part| Frame::from_i420(1280, 720, part).ok_or_else(wrong);
    bytes.chunks(1280 * 720 / 2 * 3).take(KEPT).map(whole).collect()
}

fn rect(text: &str) -> Result<Rect, LoadError> {
    let sides: Vec<u32> = text.split(',').filter_map(|n| n.parse().ok()).collect();
    match sides[..] {
        [x, y, w, h] => Ok(Rect::new(x, y, w, h)),
        _ => Err(LoadError::Void(format!("{text} is no cell"))),
    }
}

fn decoded(path: &Path) -> Result<Vec<Frame>, LoadError> {
    let clip = Clip::open(path)?;
    let mut decoder = VideoDecoder::new(clip.codec).map_err(|e| LoadError::Void(e.to_string()))?;
    let mut frames = Vec::new();
    for picture in &clip.pictures {
        if let Ok(Some(view)) = decoder.decode(picture) {
            frames.push(Frame::copy_of(view));
        }
    }
    Ok(frames)
}

fn scaled(sources: &[Frame], w: u32, h: u32) -> Vec<Frame> {
    let scale = |source: &Frame| {
        let mut to = Frame::new(w, h);
        // Sizes are even and positive: `place` made them.
        let _ = scale_into(source.view(), None, &mut to, Rect::new(0, 0, w, h), Filter::Auto);
        to
    };
    sources.iter().map(scale).collect()
}

/// For each canvas: which frame the cell shows, and its likeness. The gutter is the one with
/// which the first canvas is most like any frame.
fn compare(canvases: &[Frame], cell: Rect, sources: &[Frame]) -> Vec<(usize, f64)> {
    let mut best: Option<(f64, Rect, Vec<Frame>)> = None;
    for gutter in GUTTERS {
        let cell = cell.even();
        if cell.w <= gutter || cell.h <= gutter {
            continue;
        }
        let place = Rect::new(cell.x + gutter, cell.y + gutter, cell.w - gutter, cell.h - gutter);
        let scaled = scaled(sources, place.w, place.h);
        let Some((_, db)) = likest(canvases[0].view(), place, &scaled) else { continue };
        if best.as_ref().is_none_or(|(least, ..)| db > *least) {
            best = Some((db, place, scaled));
        }
    }
    let Some((_, place, scaled)) = best else { return Vec::new() };
    canvases.iter().filter_map(|canvas| likest(canvas.view(), place, &scaled)).collect()
}

fn likest(canvas: FrameView<'_>, place: Rect, sources: &[Frame]) -> Option<(usize, f64)> {
    let errors = sources.iter().map(|source| coarse_error(canvas, place, source.view()));
    let (index, _) = errors.enumerate().min_by_key(|(_, error)| *error)?;
    Some((index, psnr(canvas, place, sources[index].view())?))
}

fn coarse_error(canvas: FrameView<'_>, place: Rect, source: FrameView<'_>) -> u64 {
    let ((seen, _, _), (stride, _)) = (canvas.planes(), canvas.strides());
    let ((wanted, _, _), (own_stride, _)) = (source.planes(), source.strides());
    let (x, width) = (place.x as usize, place.w as usize);
    let row = |y: usize| {
        let a = &seen[(place.y as usize + y) * stride + x..][..width];
        let b = &wanted[y * own_stride..][..width];
        let error = |(a, b): (&u8, &u8)| u32::from(a.abs_diff(*b)).pow(2);
        u64::from(a.iter().zip(b).map(error).sum::<u32>())
    };
    (0..place.h as usize).step_by(COARSE).map(row).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::Yuv;

    fn slope(step: u32) -> Frame {
        let mut frame = Frame::new(320, 180);
        for column in 0..160 {
            let y = 16 + (column * 7 + step * 40) % 200;
            frame.fill_rect(Rect::new(column * 2, 0, 2, 180), Yuv { y: y as u8, u: 128, v: 128 });
        }
        frame
    }

    #[test]
    fn the_frame_and_the_gutter_of_a_cell_are_found() {
        let sources: Vec<Frame> = (0..5).map(slope).collect();
        let mut canvas = Frame::new(1280, 720);
        let cell = Rect::new(426, 240, 428, 240);
        let inner = Rect::new(430, 244, 424, 236);
        scale_into(sources[3].view(), None, &mut canvas, inner, Filter::Auto).unwrap();
        assert_eq!(compare(&[canvas], cell, &sources), [(3, 99.0)]);
    }

    #[test]
    fn only_whole_cells_are_read() {
        assert_eq!(rect("1,2,3,4").unwrap(), Rect::new(1, 2, 3, 4));
        assert!(rect("1,2,3").is_err());
    }
}
