// y = a x + y on a GPU, as plain a kernel as there is; see saxpy.c.
#vector = strided<[1], offset: ?>
func.func @saxpy(%a: f32, %x: memref<?xf32, #vector>, %y: memref<?xf32, #vector>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c256 = arith.constant 256 : index
  %n = memref.dim %x, %c0 : memref<?xf32, #vector>
  %blocks = arith.ceildivui %n, %c256 : index
  gpu.launch blocks(%bx, %by, %bz) in (%gx = %blocks, %gy = %c1, %gz = %c1)
             threads(%tx, %ty, %tz) in (%sx = %c256, %sy = %c1, %sz = %c1) {
    %first = arith.muli %bx, %c256 : index
    %i = arith.addi %first, %tx : index
    %inside = arith.cmpi ult, %i, %n : index
    scf.if %inside {
      %xi = memref.load %x[%i] : memref<?xf32, #vector>
      %yi = memref.load %y[%i] : memref<?xf32, #vector>
      %product = arith.mulf %a, %xi : f32
      %sum = arith.addf %product, %yi : f32
      memref.store %sum, %y[%i] : memref<?xf32, #vector>
    }
    gpu.terminator
  }
  return
}
