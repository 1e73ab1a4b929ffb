//! A square table of whole numbers, row by row.

/// Seconds (or any other whole cost) from every place to every other. Rows and columns may differ: `at(a, b)` need not
/// be `at(b, a)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    size: usize,
    cells: Vec<u32>,
}

impl Matrix {
    /// A table of `size` rows with `cell(from, to)` in each place.
    pub fn from_fn(size: usize, mut cell: impl FnMut(usize, usize) -> u32) -> Self {
        let mut cells = Vec::with_capacity(size * size);
        for from in 0..size {
            cells.extend((0..size).map(|to| cell(from, to)));
        }
        Self { size, cells }
    }

    /// The table whose rows follow each other in `cells`; `None` unless that is a square.
    pub fn from_rows(size: usize, cells: Vec<u32>) -> Option<Self> {
        (size.checked_mul(size) == Some(cells.len())).then_some(Self { size, cells })
    }

    /// Rows, and as many columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// What stands in row `from`, column `to`.
    ///
    /// # Panics
    /// When either is no row of the table.
    pub fn at(&self, from: usize, to: usize) -> u32 {
        self.row(from)[to]
    }

    /// The row of `from`.
    ///
    /// # Panics
    /// When it is no row of the table.
    pub fn row(&self, from: usize) -> &[u32] {
        &self.cells[from * self.size..][..self.size]
    }

    /// Changes one cell.
    ///
    /// # Panics
    /// When it is no cell of the table.
    pub fn set(&mut self, from: usize, to: usize, value: u32) {
        assert!(from < self.size && to < self.size, "no cell ({from}, {to}) in {} rows", self.size);
        self.cells[from * self.size + to] = value;
    }
}
