"""Kinds of files: what is opened, and what looks like a picture or document and is not."""

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff")
EXPORT = "export it as JPEG or PNG, and read that"
PAGES = "save its pages as PNG, JPEG or TIFF, and read those"

# By its name: what it is, and what to do. None of them is opened.
OTHERS = {
    ".pdf": ("PDF", PAGES),
    ".djv": ("DjVu", PAGES),
    ".djvu": ("DjVu", PAGES),
    ".xps": ("XPS", PAGES),
    ".ps": ("PostScript", PAGES),
    ".eps": ("PostScript", PAGES),
    ".doc": ("a text document", PAGES),
    ".docx": ("a text document", PAGES),
    ".odt": ("a text document", PAGES),
    ".heic": ("HEIC", EXPORT),
    ".heif": ("HEIC", EXPORT),
    ".hif": ("HEIC", EXPORT),
    ".avif": ("AVIF", EXPORT),
    ".jxl": ("JPEG XL", EXPORT),
    ".jxr": ("JPEG XR", EXPORT),
    ".jp2": ("JPEG 2000", EXPORT),
    ".j2k": ("JPEG 2000", EXPORT),
    ".jpf": ("JPEG 2000", EXPORT),
    ".jpx": ("JPEG 2000", EXPORT),
    ".psd": ("a Photoshop file", EXPORT),
    ".psb": ("a Photoshop file", EXPORT),
    ".xcf": ("a GIMP file", EXPORT),
    ".svg": ("SVG", EXPORT),
    ".svgz": ("SVG", EXPORT),
    ".wmf": ("a Windows metafile", EXPORT),
    ".emf": ("a Windows metafile", EXPORT),
    ".exr": ("OpenEXR", EXPORT),
    ".hdr": ("a Radiance HDR picture", EXPORT),
    ".ico": ("an icon", EXPORT),
    ".icns": ("an icon", EXPORT),
    ".tga": ("TGA", EXPORT),
    ".pcx": ("PCX", EXPORT),
    ".qoi": ("QOI", EXPORT),
    ".dcm": ("DICOM", EXPORT),
    ".pbm": ("a Netpbm picture", EXPORT),
    ".pgm": ("a Netpbm picture", EXPORT),
    ".ppm": ("a Netpbm picture", EXPORT),
    ".pnm": ("a Netpbm picture", EXPORT),
    **dict.fromkeys(
        (
            *(".raw", ".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".sr2", ".srf"),
            *(".orf", ".rw2", ".raf", ".pef", ".srw", ".3fr", ".iiq", ".x3f", ".kdc", ".mrw"),
        ),
        ("a camera's raw file", EXPORT),
    ),
}

# By its beginning: what stands there, from which byte on, and the name of such a file.
BEGINNINGS = (
    (b"%PDF-", 0, ".pdf"),
    (b"AT&TFORM", 0, ".djvu"),
    (b"%!PS", 0, ".ps"),
    (b"\xc5\xd0\xd3\xc6", 0, ".eps"),
    (b"8BPS", 0, ".psd"),
    (b"gimp xcf", 0, ".xcf"),
    (b"JXL \r\n\x87\n", 4, ".jxl"),
    (b"\xff\x0a", 0, ".jxl"),
    (b"jP  \r\n\x87\n", 4, ".jp2"),
    (b"\xff\x4f\xff\x51", 0, ".jp2"),
    (b"ftypavi", 4, ".avif"),
    (b"ftypcrx", 4, ".cr3"),
    *((b"ftyp" + brand, 4, ".heic") for brand in (b"hei", b"hev", b"mif1", b"msf1")),
    (b"<svg", 0, ".svg"),
    *((b"P" + digit, 0, ".pnm") for digit in (b"4\n", b"5\n", b"6\n")),
)


def by_name(suffix: str) -> str | None:
    """Return what a file with such a name is and what to do; None if it may be opened."""
    found = OTHERS.get(suffix.lower())
    return None if found is None else f"{found[0]}, which is not supported: {found[1]}"


def by_content(content: bytes) -> str | None:
    """Return what a file that cannot be opened is, by its beginning, and what to do."""
    for beginning, place, suffix in BEGINNINGS:
        if content.startswith(beginning, place):
            return by_name(suffix)
    return None
