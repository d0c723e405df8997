/**
 * ioctl request numbers as include/uapi/asm-generic/ioctl.h composes them. The size of the struct is
 * part of the number, so that a table chosen by POINTER_BYTES chooses the right number as well.
 */
const NR_SHIFT = 0;
const TYPE_SHIFT = 8;
const SIZE_SHIFT = 16;
const DIRECTION_SHIFT = 30;

interface Sized {
  readonly size: number;
}

const compose =
  (direction: number) =>
  (type: string, nr: number, { size }: Sized): number =>
    ((direction << DIRECTION_SHIFT) |
      (size << SIZE_SHIFT) |
      (type.charCodeAt(0) << TYPE_SHIFT) |
      (nr << NR_SHIFT)) >>>
    0;

/** _IO: no argument. */
export const io = (type: string, nr: number): number => compose(0)(type, nr, { size: 0 });
/** _IOW: the kernel reads the struct. */
export const iow = compose(1);
/** _IOR: the kernel fills the struct in. */
export const ior = compose(2);
/** _IOWR: both. */
export const iowr = compose(3);

/** The argument is one int, not a struct. */
export const INT: Sized = { size: 4 };
