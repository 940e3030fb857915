// Writes a database with the real engine: standard input is JSON of nested buckets, the argument is the file to write.
// A bucket is an object; a value is a string.
package main

import (
	"encoding/json"
	"log"
	"os"
	"sort"

	bolt "go.etcd.io/bbolt"
)

type container interface {
	CreateBucketIfNotExists(name []byte) (*bolt.Bucket, error)
}

func fill(target container, content map[string]any) error {
	names := make([]string, 0, len(content))
	for name := range content {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch value := content[name].(type) {
		case string:
			if err := target.(*bolt.Bucket).Put([]byte(name), []byte(value)); err != nil {
				return err
			}
		case map[string]any:
			bucket, err := target.CreateBucketIfNotExists([]byte(name))
			if err != nil {
				return err
			}
			if err := fill(bucket, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func main() {
	var content map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&content); err != nil {
		log.Fatal(err)
	}
	db, err := bolt.Open(os.Args[1], 0o600, &bolt.Options{PageSize: 4096, NoFreelistSync: true})
	if err != nil {
		log.Fatal(err)
	}
	if err := db.Update(func(tx *bolt.Tx) error { return fill(tx, content) }); err != nil {
		log.Fatal(err)
	}
	if err := db.Close(); err != nil {
		log.Fatal(err)
	}
}
