package knowledge

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// digestFormat opens what is hashed. It changes when the encoding below does,
// so that digests of two encodings never meet.
const digestFormat = "summitbot revision 1\n"

// Digest returns the hex SHA-256 that identifies a revision: it covers each
// paragraph's number, kind, headings, text and sentences, and nothing else.
// Two lists have one digest only if they are equal in all of these; a nil list
// of headings or sentences equals an empty one.
func Digest(paragraphs []Paragraph) string {
	h := sha256.New()
	h.Write([]byte(digestFormat))
	var b []byte // one paragraph's encoding, reused
	for _, p := range paragraphs {
		b = appendParagraph(b[:0], p)
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// appendParagraph appends p to b so that the fields can be read back one by
// one: integers are varints, strings and lists are preceded by their length.
// Such an encoding is a prefix code, hence a sequence of them is injective too
// and needs no count in front.
func appendParagraph(b []byte, p Paragraph) []byte {
	b = binary.AppendVarint(b, int64(p.Number))
	b = appendString(b, string(p.Kind))
	b = binary.AppendUvarint(b, uint64(len(p.Headings)))
	for _, heading := range p.Headings {
		b = appendString(b, heading)
	}
	b = appendString(b, p.Text)
	b = binary.AppendUvarint(b, uint64(len(p.Sentences)))
	for _, s := range p.Sentences {
		b = binary.AppendVarint(b, int64(s.Start))
		b = binary.AppendVarint(b, int64(s.End))
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
